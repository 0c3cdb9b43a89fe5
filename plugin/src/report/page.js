(() => {
  const root = document.documentElement;
  document.getElementById('theme').onclick = () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  };
  document.querySelectorAll('[data-voice]').forEach(box => {
    const voices = document.querySelectorAll('.roll .v-' + box.dataset.voice);
    box.onchange = () => voices.forEach(v => v.classList.toggle('off', !box.checked));
    box.parentElement.classList.add('v-' + box.dataset.voice);
  });
  const players = [...document.querySelectorAll('audio')];
  if (!players.length) return;
  let current = players[0];
  const matched = document.getElementById('matched');
  const level = () => players.forEach(p => { p.volume = matched && matched.checked ? +p.dataset.gain : 1; });
  if (matched) matched.onchange = level;
  level();
  const buttons = [...document.querySelectorAll('[data-player]')];
  buttons.forEach((button, index) => {
    button.onclick = () => {
      const next = players[index], playing = !current.paused, at = current.currentTime;
      if (next === current) return;
      current.pause();
      players.forEach(p => { p.hidden = p !== next; });
      buttons.forEach((b, i) => b.setAttribute('aria-pressed', i === index));
      current = next;
      current.currentTime = at;
      if (playing) current.play();
    };
  });
  const roll = document.querySelector('.roll'), scroll = document.querySelector('.scroll');
  const rollHead = roll && roll.querySelector('.head'), graphHead = document.querySelector('.graph .head');
  const x = seconds => {
    const row = CLOCK.map.filter(r => r[0] <= seconds).pop() || CLOCK.map[0];
    return (row[1] + (seconds - row[0]) * row[2]) * CLOCK.px;
  };
  const seconds = px => {
    const quarter = px / CLOCK.px, row = CLOCK.map.filter(r => r[1] <= quarter).pop() || CLOCK.map[0];
    return row[0] + (quarter - row[1]) / row[2];
  };
  const follow = () => {
    const t = current.currentTime;
    document.body.classList.toggle('playing', t > 0);
    if (rollHead && CLOCK) {
      const px = x(t);
      rollHead.setAttribute('transform', `translate(${px} 0)`);
      if (!current.paused && (px < scroll.scrollLeft || px > scroll.scrollLeft + scroll.clientWidth - 40)) scroll.scrollLeft = px - 60;
    }
    if (graphHead) {
      const d = graphHead.dataset, share = Math.min(1, t / d.end);
      graphHead.setAttribute('transform', `translate(${share * (d.x1 - d.x0)} 0)`);
    }
    requestAnimationFrame(follow);
  };
  if (roll && CLOCK) roll.onclick = event => { current.currentTime = Math.max(0, seconds(event.clientX - roll.getBoundingClientRect().left)); };
  follow();
})();
