//! Edits for hosts that leave a bus out, switch it off or give it another channel count.

use super::Edit;

const BUFFERS: &str = "src/wrapper/util/buffer_management.rs";
const VST3: &str = "src/wrapper/vst3/wrapper.rs";
const CLAP: &str = "src/wrapper/clap/wrapper.rs";

const BOUND_WHY: &str = "The check let an index equal to the number of buses through (and compared inputs \
                         with the number of outputs in VST3): a host with fewer buses than we have made \
                         the wrapper read beyond the host's array.";
const START_WHY: &str = "The first side bus comes after the main bus if there is one; the two cases were swapped, \
                         so that an instrument with a side input read beyond the host's array and refused the \
                         host's layout.";
const PAST_END_WHY: &str = "A host that gives more channels than the bus has must not panic on the audio thread.";
const LENGTH_WHY: &str = "A side input that the host leaves out is silence as long as this block, not as the last one.";
const SCRATCH_WHY: &str = "Hosts switch unused outputs off. The whole plugin was silent then, because one \
                           missing output stopped all processing: missing outputs now point to storage of \
                           our own, which nobody hears.";

/// Continuo has a side input and four part outputs, which many hosts leave out.
pub const EDITS: &[Edit] = &[
    Edit {
        file: VST3,
        why: BOUND_WHY,
        find: "if aux_input_idx > data.numOutputs as usize {",
        replace: "if aux_input_idx >= data.numInputs as usize {",
    },
    Edit {
        file: VST3,
        why: BOUND_WHY,
        find: "if aux_output_idx > data.numOutputs as usize {",
        replace: "if aux_output_idx >= data.numOutputs as usize {",
    },
    Edit {
        file: CLAP,
        why: BOUND_WHY,
        find: "if aux_input_idx > process.audio_inputs_count as usize {",
        replace: "if aux_input_idx >= process.audio_inputs_count as usize {",
    },
    Edit {
        file: CLAP,
        why: BOUND_WHY,
        find: "if aux_output_idx > process.audio_outputs_count as usize {",
        replace: "if aux_output_idx >= process.audio_outputs_count as usize {",
    },
    Edit {
        file: VST3,
        why: START_WHY,
        find: "let aux_input_start_idx = if has_main_input { 0 } else { 1 };",
        replace: "let aux_input_start_idx = if has_main_input { 1 } else { 0 };",
    },
    Edit {
        file: VST3,
        why: START_WHY,
        find: "let aux_output_start_idx = if has_main_output { 0 } else { 1 };",
        replace: "let aux_output_start_idx = if has_main_output { 1 } else { 0 };",
    },
    Edit {
        file: VST3,
        why: "A data event without data is passed over; it used to abort the host.",
        find: "                            assert!(!event.bytes.is_null());",
        replace: "                            if event.bytes.is_null() {
                                continue;
                            }",
    },
    Edit {
        file: BUFFERS,
        why: PAST_END_WHY,
        find: "output_slices[output_channel_pointers.num_channels..].fill_with(|| &mut [])",
        replace: "output_slices
                            .iter_mut()
                            .skip(output_channel_pointers.num_channels)
                            .for_each(|slice| *slice = &mut [])",
    },
    Edit {
        file: BUFFERS,
        why: "A host with more input than output channels (some send none while bypassed) must not \
              panic on the audio thread.",
        find: "                        .take(input_channel_pointers.num_channels)
                    {
                        let input_channel_pointer =
                            *input_channel_pointers",
        replace: "                        .take(
                            input_channel_pointers
                                .num_channels
                                .min(output_channel_pointers.num_channels),
                        )
                    {
                        let input_channel_pointer =
                            *input_channel_pointers",
    },
    Edit {
        file: BUFFERS,
        why: PAST_END_WHY,
        find: "for slice in &mut output_slices[input_channel_pointers.num_channels..] {",
        replace: "for slice in output_slices
                            .iter_mut()
                            .skip(input_channel_pointers.num_channels)
                        {",
    },
    Edit {
        file: BUFFERS,
        why: LENGTH_WHY,
        find: "                        .skip(input_channel_pointers.num_channels)
                    {
                        channel.fill(0.0);",
        replace: "                        .skip(input_channel_pointers.num_channels)
                    {
                        channel.clear();
                        channel.resize(num_samples, 0.0);",
    },
    Edit {
        file: BUFFERS,
        why: LENGTH_WHY,
        find: "                    for channel in input_storage.iter_mut() {
                        channel.fill(0.0);",
        replace: "                    for channel in input_storage.iter_mut() {
                        channel.clear();
                        channel.resize(num_samples, 0.0);",
    },
    Edit {
        file: BUFFERS,
        why: SCRATCH_WHY,
        find: "    aux_output_buffers: Vec<Buffer<'static>>,\n}",
        replace: "    aux_output_buffers: Vec<Buffer<'static>>,
    /// Stands in for outputs that the host has left out.
    aux_output_storage: Vec<Vec<Vec<f32>>>,\n}",
    },
    Edit {
        file: BUFFERS,
        why: SCRATCH_WHY,
        find: "        let mut aux_output_buffers = Vec::with_capacity(audio_io_layout.aux_output_ports.len());\n",
        replace: "        let mut aux_output_buffers = Vec::with_capacity(audio_io_layout.aux_output_ports.len());
        let aux_output_storage = audio_io_layout
            .aux_output_ports
            .iter()
            .map(|num_channels| vec![vec![0.0; max_buffer_size]; num_channels.get() as usize])
            .collect();\n",
    },
    Edit {
        file: BUFFERS,
        why: SCRATCH_WHY,
        find: "            aux_input_storage,\n\n            aux_output_buffers,\n",
        replace: "            aux_input_storage,

            aux_output_buffers,
            aux_output_storage,\n",
    },
    Edit {
        file: BUFFERS,
        why: SCRATCH_WHY,
        find: "        for (output_channel_pointers, output_buffer) in self
            .aux_output_channel_pointers
            .iter()
            .zip(self.aux_output_buffers.iter_mut())
        {",
        replace: "        for ((output_channel_pointers, output_buffer), output_storage) in self
            .aux_output_channel_pointers
            .iter()
            .zip(self.aux_output_buffers.iter_mut())
            .zip(self.aux_output_storage.iter_mut())
        {",
    },
    Edit {
        file: BUFFERS,
        why: SCRATCH_WHY,
        find: "                            output_slices[output_channel_pointers.num_channels..]
                                .fill_with(|| &mut [])",
        replace: "                            for (output_slice, storage) in output_slices
                                .iter_mut()
                                .zip(output_storage.iter_mut())
                                .skip(output_channel_pointers.num_channels)
                            {
                                storage.clear();
                                storage.resize(num_samples, 0.0);
                                *output_slice = &mut *(storage.as_mut_slice() as *mut [f32]);
                            }",
    },
    Edit {
        file: BUFFERS,
        why: SCRATCH_WHY,
        find: "                        None => {
                            crate::nice_debug_assert_eq!(output_slices.len(), 0);

                            // Same as above
                            output_slices.fill_with(|| &mut [])
                        }
                    }
                });",
        replace: "                        None => {
                            for (output_slice, storage) in
                                output_slices.iter_mut().zip(output_storage.iter_mut())
                            {
                                storage.clear();
                                storage.resize(num_samples, 0.0);
                                *output_slice = &mut *(storage.as_mut_slice() as *mut [f32]);
                            }
                        }
                    }
                });",
    },
];
