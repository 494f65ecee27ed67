'use strict';
// Draws the charts of a page from its table of the same numbers, with one cursor for all of them.
(() => {
  const table = document.querySelector('table[data-points]');
  const place = document.getElementById('charts');
  if (!table || !place || !window.uPlot) return;
  const rows = Array.from(table.tBodies[0].rows);
  if (rows.length < 2) return;
  const column = name => rows.map(row => {
    const text = row.querySelector(`[data-${name}]`)?.getAttribute(`data-${name}`);
    return text ? Number(text) : null;
  });
  const times = column('at');
  const span = times[times.length - 1] - times[0];
  const two = number => String(number).padStart(2, '0');
  const shown = seconds => {
    const at = new Date(seconds * 1000);
    const day = two(at.getUTCMonth() + 1) + '-' + two(at.getUTCDate());
    const clock = two(at.getUTCHours()) + ':' + two(at.getUTCMinutes());
    return {day, clock, both: day + ' ' + clock};
  };
  const millis = value => value == null ? '–' : value === 0 ? '0' : value < 1000 ? value.toFixed(value < 10 ? 1 : 0) + ' ms'
      : value < 60000 ? (value / 1000).toFixed(value < 10000 ? 2 : 1) + ' s' : (value / 60000).toFixed(1) + ' min';
  const short = value => {
    if (value == null) return '–';
    const [size, unit] = value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : value >= 1e3 ? [1e3, ' k'] : [1, ''];
    return String(Number((value / size).toPrecision(3))) + unit;
  };
  const kinds = {
    duration: {axis: millis, lines: [['p50', '--good'], ['p95', '--accent'], ['p99', '--bad']]},
    failure: {axis: value => value == null ? '–' : value.toFixed(value < 10 && value > 0 ? 1 : 0) + ' %', lines: [['failure', '--bad']]},
    quality: {axis: value => value == null ? '–' : value.toFixed(2), lines: [['quality', '--good']], range: [0, 1]},
    tokens: {axis: short, lines: [['input', '--accent'], ['output', '--good']]},
    cost: {axis: value => value == null ? '–' : String(Number(value.toPrecision(3))), lines: [['cost', '--accent']], fill: true},
    ended: {axis: value => value == null ? '–' : String(Math.round(value * 10) / 10), lines: [['ended', '--accent']], fill: true},
  };
  const probe = place.appendChild(document.createElement('span'));
  const colour = name => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  const faded = text => text.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.13)');
  let charts = [];
  const draw = () => {
    charts.forEach(chart => chart.destroy());
    charts = Array.from(place.querySelectorAll('[data-chart]')).map(target => {
      const kind = kinds[target.dataset.chart];
      const grid = {stroke: colour('--line'), width: 1};
      const axis = {stroke: colour('--soft'), grid, ticks: grid, font: '12px system-ui, sans-serif'};
      return new uPlot({
        width: target.clientWidth, height: 190,
        cursor: {sync: {key: 'agent'}, points: {size: 7}},
        scales: {x: {time: true}, y: {range: (u, low, high) => kind.range ?? [0, high > 0 ? high * 1.08 : 1]}},
        axes: [
          {...axis, space: 70, values: (u, splits) => splits.map(at => span > 3 * 86400 ? shown(at).day : shown(at).clock)},
          {...axis, size: 62, values: (u, splits) => splits.map(kind.axis)},
        ],
        tzDate: at => uPlot.tzDate(new Date(at * 1000), 'UTC'),
        series: [
          {label: 'UTC', value: (u, at) => at == null ? '–' : shown(at).both},
          ...kind.lines.map(([name, variable]) => ({
            label: target.dataset[name] ?? name, stroke: colour(variable), width: 1.6, spanGaps: true,
            fill: kind.fill ? faded(colour(variable)) : undefined,
            points: {size: 4}, value: (u, value) => kind.axis(value),
          })),
        ],
      }, [times, ...kind.lines.map(([name]) => column(name))], target);
    });
  };
  place.classList.add('drawn'); // Before: what is hidden has no width.
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  let width = innerWidth;
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; requestAnimationFrame(draw); } });
})();
