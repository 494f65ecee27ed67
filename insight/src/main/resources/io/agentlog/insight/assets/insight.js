'use strict';
// Each page is complete without this script. With it, the live page follows, keys work, and times show the viewer's zone.
(() => {
  document.documentElement.classList.add('has-script');
  const base = document.body.dataset.base;
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // Times are printed in UTC; the viewer's own time is their title.
  const zone = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'long'});
  const localTimes = root => all('time[datetime]', root).forEach(time => {
    const at = new Date(time.dateTime);
    if (!isNaN(at)) time.title = zone.format(at);
  });
  localTimes(document);

  // Keys: / search, j and k rows, Enter opens, g and a letter go to a page, ? lists them.
  // The chosen row is the one that has the focus, so a row that the live page sends anew stays chosen.
  let waitsForPlace = 0;
  const select = step => {
    const list = all('main a.row').filter(link => link.checkVisibility?.() ?? true); // Not those of a closed table.
    const at = list.indexOf(document.activeElement);
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + step))];
    next?.focus({preventScroll: true});
    next?.closest('tr, li').scrollIntoView({block: 'nearest'});
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === 'Escape' && typing) { event.target.blur(); return; }
    if (typing) return;
    if (Date.now() - waitsForPlace < 1500) {
      waitsForPlace = 0;
      const place = document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); location.href = place.href; }
      return;
    }
    switch (event.key) {
      case '/': event.preventDefault(); document.querySelector('.find input').focus(); break;
      case 'j': select(1); break;
      case 'k': select(-1); break;
      case 'g': waitsForPlace = Date.now(); break;
      case '?': document.getElementById('keys')?.showModal(); break;
    }
  });
  document.getElementById('keys-open')?.addEventListener('click', () => document.getElementById('keys').showModal());

  // Live: one stream for all tabs of this browser. A visible tab that gets the lock listens and tells the others.
  const live = document.querySelector('[data-live]');
  if (!live || !window.EventSource) return;
  const path = base + live.dataset.live;
  const channel = new BroadcastChannel('agentlog ' + path);
  const clock = new Intl.DateTimeFormat(undefined, {timeStyle: 'medium'});
  let text = '', sayTimer = 0, saidAt = 0, lastParts = new Date();
  const say = news => {
    if (news === text) return;
    text = news;
    clearTimeout(sayTimer); // A screen reader gets at most one message in five seconds.
    sayTimer = setTimeout(() => { live.textContent = text; saidAt = Date.now(); }, Math.max(0, saidAt + 5000 - Date.now()));
  };
  const show = parts => {
    lastParts = new Date();
    for (const [id, html] of Object.entries(parts)) {
      const target = document.getElementById(id);
      if (!target || target.innerHTML === html) continue;
      const focused = target.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
      target.innerHTML = html; // Escaped by the server's templates, as the page itself.
      localTimes(target);
      if (focused) target.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({preventScroll: true});
    }
  };
  channel.onmessage = message => {
    if (message.data.parts) show(message.data.parts);
    if (message.data.say !== undefined) say(message.data.say);
  };
  const tell = data => { channel.postMessage(data); channel.onmessage({data}); };
  let stop = () => {};
  const listen = () => new Promise(done => {
    if (document.hidden) { done(); return; }
    const source = new EventSource(path);
    stop = () => { source.close(); done(); };
    source.onopen = () => tell({say: ''});
    source.addEventListener('parts', event => tell({parts: JSON.parse(event.data)}));
    source.addEventListener('stale', event => tell({say: event.data}));
    source.onerror = () => tell({say: source.readyState === EventSource.CLOSED
      ? 'The server refuses the live view. Reload the page.'
      : `No connection to the server: what you see is from ${clock.format(lastParts)}. Trying again.`});
  });
  const lead = () => navigator.locks ? navigator.locks.request('agentlog ' + path, listen) : listen();
  document.addEventListener('visibilitychange', () => document.hidden ? stop() : lead());
  addEventListener('pagehide', () => stop());
  lead();
})();
