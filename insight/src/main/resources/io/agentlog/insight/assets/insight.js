'use strict';
// Each page is complete without this script. With it, the live page follows, keys work, and times show the viewer's zone.
(() => {
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
  let selected = -1, waitsForPlace = 0;
  const rows = () => all('tbody tr').filter(row => row.querySelector('a.row'));
  const select = step => {
    const list = rows();
    if (!list.length) return;
    list.forEach(row => row.removeAttribute('aria-selected'));
    selected = Math.min(list.length - 1, Math.max(0, selected + step));
    list[selected].setAttribute('aria-selected', 'true');
    list[selected].querySelector('a.row').focus({preventScroll: true});
    list[selected].scrollIntoView({block: 'nearest'});
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

  // Live: one stream for all tabs of this browser. The tab that holds the lock listens and tells the others.
  const live = document.querySelector('[data-live]');
  if (!live || !window.EventSource) return;
  const path = base + live.dataset.live;
  const channel = new BroadcastChannel('agentlog ' + path);
  const state = document.getElementById('live-state');
  let said = '', lastSaid = 0, lastFragment = Date.now();
  const say = text => {
    if (text === said || Date.now() - lastSaid < 5000 && text !== '') return;
    said = text; lastSaid = Date.now(); state.textContent = text;
  };
  const show = parts => {
    lastFragment = Date.now();
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
    if (document.hidden) return;
    if (message.data.parts) show(message.data.parts);
    say(message.data.say ?? '');
  };
  const tell = data => { channel.postMessage(data); channel.onmessage({data}); };
  let source = null;
  const listen = () => new Promise(done => {
    source = new EventSource(path);
    source.addEventListener('parts', event => tell({parts: JSON.parse(event.data)}));
    source.addEventListener('stale', event => tell({say: event.data}));
    source.addEventListener('resync', () => location.reload());
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) { tell({say: 'The server ended the live view. Reload the page.'}); done(); }
      else tell({say: 'No connection to the server; what you see is from before. Trying again.'});
    };
    addEventListener('pagehide', () => { source.close(); done(); }, {once: true});
  });
  const lead = () => navigator.locks ? navigator.locks.request('agentlog ' + path, listen) : listen();
  lead();
})();
