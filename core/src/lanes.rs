//! The ends of the lanes between threads. A lane is made once, in the plugin's wiring; each end lives on one thread.

use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes a bounded lane for `capacity` messages. Both ends are wait-free and never allocate after this call.
pub fn lane<T>(capacity: usize) -> (LaneIn<T>, LaneOut<T>) {
    let (producer, consumer) = RingBuffer::new(capacity.max(1));
    let lost = Arc::new(AtomicU64::new(0));
    (LaneIn { producer, lost: Arc::clone(&lost) }, LaneOut { consumer, lost })
}

/// Where messages go in.
#[derive(Debug)]
pub struct LaneIn<T> {
    producer: Producer<T>,
    lost: Arc<AtomicU64>,
}

/// Where messages come out.
#[derive(Debug)]
pub struct LaneOut<T> {
    consumer: Consumer<T>,
    lost: Arc<AtomicU64>,
}

impl<T> LaneIn<T> {
    /// Sends, or gives the message back when the lane is full. Real-time safe.
    pub fn send(&mut self, message: T) -> Result<(), T> {
        self.producer.push(message).map_err(|rtrb::PushError::Full(message)| message)
    }

    /// Counts a message the sender chose to drop; the other end can read the count. Real-time safe.
    pub fn count_lost(&self, messages: u64) {
        self.lost.fetch_add(messages, Ordering::Relaxed);
    }

    /// Free places. Real-time safe.
    pub fn free(&self) -> usize {
        self.producer.slots()
    }
}

impl<T: Copy> LaneIn<T> {
    /// Sends as many of `messages` as fit, in order, counts the others as lost, and says how many went. Real-time safe.
    pub fn send_many(&mut self, messages: &[T]) -> usize {
        let count = messages.len().min(self.producer.slots());
        for &message in &messages[..count] {
            // There is room: this end is the only one that fills it.
            let _ = self.producer.push(message);
        }
        if count < messages.len() {
            self.count_lost((messages.len() - count) as u64);
        }
        count
    }
}

impl<T> LaneOut<T> {
    /// The next message, if there is one. Real-time safe; what is done with the message may not be.
    pub fn receive(&mut self) -> Option<T> {
        self.consumer.pop().ok()
    }

    /// A look at the next message. Real-time safe.
    pub fn peek(&self) -> Option<&T> {
        self.consumer.peek().ok()
    }

    /// Messages waiting. Real-time safe.
    pub fn waiting(&self) -> usize {
        self.consumer.slots()
    }

    /// How many messages the sender has had to drop so far.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// True when the other end is gone.
    pub fn is_abandoned(&self) -> bool {
        self.consumer.is_abandoned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_lane_gives_back_and_counts() {
        let (mut tx, mut rx) = lane(2);
        assert_eq!(tx.send_many(&[1, 2, 3]), 2);
        assert_eq!(tx.send(4), Err(4));
        assert_eq!((rx.receive(), rx.receive(), rx.receive()), (Some(1), Some(2), None));
        assert_eq!(rx.lost(), 1);
        drop(tx);
        assert!(rx.is_abandoned());
    }
}
