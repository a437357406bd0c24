// The page: the script, what the kernel did, the counters, and the controls that go from step to step.
'use strict';

const byId = (id) => document.getElementById(id);
const lastIndex = steps.length - 1;
const scriptLines = new Map();  // by `file.line`: { element, mark, held: list of [step index, held] }
const sources = new Map(data.files.map(([index, name, text]) => [index, { name, lines: text.replace(/\n$/, '').split('\n') }]));
const lineKey = (step) => `${step.f ?? 0}.${step.l}`;
const statement = (step) => (sources.get(step.f ?? 0)?.lines[step.l - 1] ?? '').trim();
const texts = (list) => (list ?? []).map((index) => data.texts[index]);

// The script.
const kBlock = 50;  // lines
const kLong = 400;
function makeScript() {
  for (const [index, source] of sources) {
    if (sources.size > 1) byId('script').append(make('h3', {}, source.name));
    let list = null;
    source.lines.forEach((text, line) => {
      if (line % kBlock === 0) {  // of a long script, a block that is not in sight costs no layout
        list = make('ol', { start: line + 1 });
        byId('script').append(list);
      }
      const mark = make('span', {});
      const element = make('li', { class: /^\s*#/.test(text) ? 'comment' : undefined },
                           make('span', { 'aria-hidden': 'true' }, String(line + 1)), mark, make('span', {}, text));
      scriptLines.set(`${index}.${line + 1}`, { element, mark, held: [] });
      list.append(element);
    });
  }
  byId('script').classList.toggle('long', scriptLines.size > kLong);
  byId('script-heading').textContent = `Script ${data.script}`;
  steps.forEach((step, index) => {
    for (const [held] of step.x ?? []) scriptLines.get(lineKey(step)).held.push([index, held]);
  });
  byId('script').addEventListener('click', (event) => {
    const line = event.target.closest('li');
    const keys = [...scriptLines].filter(([, each]) => each.element === line).map(([key]) => key);
    const found = steps.findIndex((step, index) => index > now && lineKey(step) === keys[0]);
    const first = steps.findIndex((step, index) => index > 0 && lineKey(step) === keys[0]);
    if (first > 0) go(found > 0 ? found : first);
  });
}

let lineNow = null;
const judged = [];
function showScript() {
  lineNow?.element.classList.remove('now');
  lineNow?.element.removeAttribute('aria-current');
  lineNow = now === 0 ? null : scriptLines.get(lineKey(steps[now])) ?? null;
  for (const line of judged) {
    const last = line.held.filter(([index]) => index <= now).pop();
    const text = last === undefined ? '' : last[1] ? '✓' : '✗';
    if (line.mark.textContent === text) continue;
    line.mark.textContent = text;
    line.mark.className = text === '✗' ? 'failed' : 'held';
    line.mark.title = { '✓': 'held', '✗': 'failed' }[text] ?? '';
  }
  if (lineNow === null) return;
  lineNow.element.classList.add('now');
  lineNow.element.setAttribute('aria-current', 'step');
}

// Scrolls the script to the statement that is lit.
function scrollScript() {
  const panel = byId('script');
  if (lineNow === null) {
    panel.scrollTop = 0;
    return;
  }
  if (panel.scrollHeight === panel.clientHeight) return;
  for (let tries = 0; tries < 2; ++tries) {  // blocks that come into sight get their true height then
    const top = lineNow.element.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    if (top >= 20 && top <= panel.clientHeight - 60) break;
    panel.scrollTop += top - panel.clientHeight / 3;
  }
}

// What changed, a line for each run of rows.
const kNames = { refs: 'count', pte_frame: 'frame in the PTE', waiting_for: 'waits for', locked_by: 'locked by', being_read: 'being read' };
const kTruths = new Set(['valid', 'writable', 'cow', 'referenced', 'modified', 'free', 'borrowed', 'locked', 'being_read']);
const kUnsaid = new Set(['slot', 'process', 'index', 'first', 'stride', 'region', 'page']);

function rowName(table, cells, last) {
  const of = (column, row = cells) => row[tables.get(table).at[column]];
  const span = (column) => range(of(column), of(column, last));
  const owner = () => {
    const { at, rows } = tables.get('processes');
    return [...rows.values()].find((row) => row[at.slot] === of('process'))?.[at.name] ?? `slot ${of('process')}`;
  };
  switch (table) {
    case 'processes': return `process ${of('name')}`;
    case 'pregions': return `pregion ${of('name')} of ${owner()}`;
    case 'regions': return `region ${span('id')} (${of('type')})`;
    case 'pages': return `region ${of('region')} ${cells === last ? 'page' : 'pages'} ${span('page')}`;
    case 'pfdata': return `${cells === last ? 'frame' : 'frames'} ${span('frame')}`;
    case 'swap_use': return `swap block ${of('device')}:${span('block')}`;
    default: return `free extent ${of('device')}:${of('address')}`;
  }
}

function valueText(column, first, last) {
  if (first === null || first === undefined || first === '') return '–';
  if (kTruths.has(column)) return first ? 'yes' : 'no';
  if (first === last) return String(first);
  return typeof first === 'number' ? range(first, last) : diskText(first, last);
}

function changedLine(name, run) {
  const { rows, columns } = tables.get(name);
  const first = rows.get(run[0]);
  const last = rows.get(run[0] + run[1] - 1);
  const words = [];
  const said = new Set();
  forEachChange(run, (column) => said.add(columns[column]));
  forEachChange(run, (column, was, is, added) => {
    const title = columns[column];
    if (kUnsaid.has(title) || (title === 'pte_frame' && said.has('frame'))) return;
    const label = kNames[title] ?? title;
    if (added !== undefined) words.push(`${label} ${added > 0 ? '+' : ''}${added}`);
    else words.push(`${label} ${valueText(title, cell(was, 0), cell(was, run[1] - 1))} → ${valueText(title, cell(is, 0), cell(is, run[1] - 1))}`);
  });
  return words.length ? `${rowName(name, first, run[1] === 1 ? first : last)}: ${words.join(', ')}` : null;
}

function rowLine(name, run, how) {
  const rows = new Map();
  put(rows, run);
  const list = [...rows.values()];
  const first = list[0];
  const last = list[list.length - 1];
  const of = (column) => first[tables.get(name).at[column]];
  const more = name === 'pfdata' || name === 'swap_use' ? `, count ${of('refs')}` : name === 'regions' || name === 'pregions' ? `, ${plural(of('pages'), 'page')}` : '';
  return `${rowName(name, first, last)}: ${how}${how === 'new' ? more : ''}`;
}

// Frames of some runs that are in none of others, as runs.
function without(runs, others) {
  return others.reduce((left, [first, last]) => left.flatMap(([a, b]) =>
    (b < first || a > last ? [[a, b]] : [[a, first - 1], [last + 1, b]].filter(([from, to]) => from <= to))), runs);
}

function freeChanges(step) {
  const moves = freeMoves(step.q ?? []);
  const gone = moves.flatMap((move) => move.gone);
  const came = moves.flatMap((move) => move.came);
  const say = (runs, verb) => {
    const list = runs.map(([first, last]) => range(first, last));
    const count = runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    return count === 0 ? [] : [`${count === 1 ? 'frame' : 'frames'} ${list.slice(0, 6).join(', ')}${list.length > 6 ? ', …' : ''} ${verb}${count === 1 ? 's' : ''}`];
  };
  const words = now === 0 ? [] : [...say(without(gone, came), 'leave'), ...say(without(came, gone), 'join')];
  return words.length ? `free list: ${words.join(', ')}` : null;
}

function tlbChanges([gone, came, changed]) {
  const count = (runs) => runs.reduce((sum, run) => sum + run[1], 0);
  const words = [[came, 'new'], [gone, 'gone'], [changed, 'changed']].filter(([runs]) => runs.length > 0);
  return `TLB: ${words.map(([runs, word]) => `${plural(count(runs), 'entry', 'entries')} ${word}`).join(', ')}`;
}

function rowChanges(step) {
  const lines = [];
  const regionsMoved = new Set();
  for (let i = 0; i < step.r.length; i += 2) {
    const name = data.tables[step.r[i]][0];
    const [gone, came, changed] = step.r[i + 1];
    if (name === 'tlb') {
      lines.push(tlbChanges(step.r[i + 1]));
      continue;
    }
    const moved = (run) => {
      const rows = new Map();
      put(rows, [run[0], 1, ...run.slice(2)]);
      const cells = rows.get(run[0]);
      if (name === 'regions') for (let k = 0; k < run[1]; ++k) regionsMoved.add(cells[0] + k);
      return name === 'pages' && regionsMoved.has(cells[tables.get(name).at.region]);  // the region's line says it
    };
    for (const run of came) if (!moved(run)) lines.push(rowLine(name, run, 'new'));
    for (const run of gone) if (!moved(run)) lines.push(rowLine(name, run, 'gone'));
    for (const run of changed) lines.push(changedLine(name, run));
  }
  lines.push(freeChanges(step));
  return lines.filter(Boolean);
}

const kMostLines = 12;
function bullets(title, lines) {
  if (lines.length === 0) return null;
  const shown = lines.slice(0, kMostLines);
  if (lines.length > shown.length) shown.push(`… and ${lines.length - shown.length} more`);
  return make('div', {}, make('h3', {}, title), make('ul', {}, ...shown.map((line) => make('li', {}, line))));
}

function expectationItem([held, text, left, right]) {
  const sides = left === undefined ? '' : ` (left is ${left}, right is ${right})`;
  return make('p', { class: held ? 'held' : 'failed' }, `${held ? '✓ held: ' : '✗ failed: '}${data.texts[text]}${sides}`);
}

function showTold() {
  const step = steps[now];
  if (now === 0) {
    byId('told').replaceChildren(make('p', {}, 'Nothing yet: this is the machine before the first statement of the script.'));
    return;
  }
  const who = step.p ? `, process ${step.p}` : '';
  const source = sources.size > 1 ? ` of ${sources.get(step.f ?? 0).name}` : '';
  const said = texts(step.s);
  const changes = rowChanges(step);
  const events = texts(step.e);
  byId('told').replaceChildren(
    make('p', {}, make('span', { class: 'statement' }, statement(step)), ` (step ${step.n}, line ${step.l}${source}${who})`),
    ...(said.length ? [make('pre', { class: 'said' }, said.join('\n'))] : []),
    ...(step.x ?? []).map(expectationItem),
    make('div', { class: 'parts' }, ...[bullets('Events', events), bullets('Rows that changed', changes)].filter(Boolean)),
    ...texts(step.v).map((text) => make('details', {}, make('summary', {}, 'The table that it shows'), make('pre', { tabindex: '0', 'aria-label': 'Table' }, text))),
    ...(said.length || events.length || changes.length || step.x || step.v ? [] : [make('p', {}, 'This changed nothing in the tables.')]));
}

// Scrolls the tables where none of the rows that this step changed is in sight.
function showChange() {
  const panel = byId('tables');
  if (panel.scrollHeight === panel.clientHeight) return;
  const { top, bottom } = panel.getBoundingClientRect();
  const changed = [...columnsElement.querySelectorAll('tr.changed')].map((row) => row.getBoundingClientRect());
  if (changed.length === 0 || changed.some((row) => row.top >= top && row.bottom <= bottom)) return;
  panel.scrollTop += Math.min(...changed.map((row) => row.top)) - top - panel.clientHeight / 3;
}

// Counters: a line over the run for each that it changed.
const sparklines = [];
const kWidth = 240;
const kHeight = 20;
function makeCounters() {
  for (const [index, points] of series()) {
    const most = points.reduce((so, [, value]) => Math.max(so, value), -Infinity);
    const least = points.reduce((so, [, value]) => Math.min(so, value), Infinity);
    const x = (step) => (lastIndex === 0 ? 0 : (step / lastIndex) * kWidth);
    const y = (value) => kHeight - 1 - ((value - least) / (most - least || 1)) * (kHeight - 2);
    const seen = [];  // of points in one column of pixels, the last and the extremes are enough
    for (const [step, value] of points) {
      const last = seen[seen.length - 1];
      if (last && Math.floor(x(last[0])) === Math.floor(x(step)) && last[0] !== 0) last[1] = value;
      else seen.push([step, value]);
    }
    let path = `M${x(seen[0][0]).toFixed(1)} ${y(seen[0][1]).toFixed(1)}`;
    for (const [step, value] of seen.slice(1)) path += `H${x(step).toFixed(1)}V${y(value).toFixed(1)}`;
    path += `H${kWidth}`;
    const cursor = svg('line', { y1: 0, y2: kHeight });
    const picture = svg('svg', { viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    picture.append(svg('path', { d: path }), cursor);
    const value = make('b', {});
    const element = make('li', {}, make('span', {}, numberNames[index]), value);
    element.append(picture);
    byId('sparklines').append(element);
    sparklines.push({ index, element, cursor, value, x });
  }
  if (sparklines.length === 0) byId('counters').append(make('p', {}, 'No counter moves in this run.'));
}

function showCounters() {
  const moved = new Map();
  for (let i = 0; i < steps[now].c.length && now > 0; i += 2) moved.set(steps[now].c[i], steps[now].c[i + 1]);
  for (const { index, element, cursor, value, x } of sparklines) {
    const added = moved.get(index);
    const text = `${numbers[index]}${added === undefined ? '' : ` (${added > 0 ? '+' : '−'}${Math.abs(added)})`}`;
    if (value.textContent !== text) value.textContent = text;
    element.classList.toggle('changed', added !== undefined);
    cursor.setAttribute('x1', x(now));
    cursor.setAttribute('x2', x(now));
  }
}

// From step to step.
const kinds = { fault: stepsOf('fault'), copy: stepsOf('copy'), steal: stepsOf('steal'), sleep: stepsOf('sleep'), expectation: stepsOf('expectation') };
const nextOf = (kind) => kinds[kind].find((index) => index > now);
const lastOf = (kind) => kinds[kind].filter((index) => index < now).pop();

let permalink = null;
function showControls() {
  const step = steps[now];
  byId('slider').value = now;
  byId('slider').setAttribute('aria-valuetext', now === 0 ? 'step 0: the start' : `step ${step.n}: ${statement(step)}`);
  if (document.activeElement !== byId('number') || Number(byId('number').value) !== step.n) byId('number').value = step.n;
  for (const id of ['first', 'back']) byId(id).disabled = now === 0;
  for (const id of ['forward', 'last']) byId(id).disabled = now === lastIndex;
  for (const button of document.querySelectorAll('[data-next]')) button.disabled = nextOf(button.dataset.next) === undefined;
  byId('moment').replaceChildren(now === 0 ? 'before the first step' : `after step ${step.n}: `, make('code', {}, now === 0 ? '' : statement(step)));
  clearTimeout(permalink);
  permalink = setTimeout(() => { if (location.hash !== `#step=${step.n}`) history.replaceState(null, '', `#step=${step.n}`); }, 100);
}

function go(index) {
  const to = Math.max(0, Math.min(lastIndex, index));
  moveTo(to);
  showScript();
  showTold();
  showCounters();
  showControls();
  draw(() => {
    showChange();
    scrollScript();
  });
}

// The step with a number, or the last before it.
function indexOf(number) {
  let low = 0;
  let high = lastIndex;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (steps[middle].n <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}

let playing = null;
function pause() {
  clearInterval(playing);
  playing = null;
  byId('play').textContent = 'Play';
}
function play() {
  if (playing !== null) {
    pause();
    return;
  }
  if (now === lastIndex) go(0);
  byId('play').textContent = 'Pause';
  playing = setInterval(() => {
    go(now + 1);
    if (now === lastIndex) pause();
  }, Math.max(60, Math.min(1200, 90000 / steps.length)));
}

function byHand(index) {
  pause();
  if (index !== undefined) go(index);
}

const keys = {
  ArrowLeft: () => byHand(now - 1), ArrowRight: () => byHand(now + 1), Home: () => byHand(0), End: () => byHand(lastIndex), ' ': play,
  f: () => byHand(nextOf('fault')), c: () => byHand(nextOf('copy')), s: () => byHand(nextOf('steal')),
  w: () => byHand(nextOf('sleep')), e: () => byHand(nextOf('expectation')),
  F: () => byHand(lastOf('fault')), C: () => byHand(lastOf('copy')), S: () => byHand(lastOf('steal')),
  W: () => byHand(lastOf('sleep')), E: () => byHand(lastOf('expectation')),
};

function openHash() {
  const match = /^#step=(\d+)$/.exec(location.hash);
  if (match) byHand(indexOf(Number(match[1])));
  return match !== null;
}

function start() {
  makeScript();
  for (const line of scriptLines.values()) if (line.held.length > 0) judged.push(line);
  makeCounters();
  byId('steps').textContent = steps[lastIndex].n;
  byId('number').max = steps[lastIndex].n;
  byId('slider').max = lastIndex;
  byId('first').addEventListener('click', () => byHand(0));
  byId('back').addEventListener('click', () => byHand(now - 1));
  byId('play').addEventListener('click', play);
  byId('forward').addEventListener('click', () => byHand(now + 1));
  byId('last').addEventListener('click', () => byHand(lastIndex));
  byId('slider').addEventListener('input', (event) => byHand(Number(event.target.value)));
  byId('number').addEventListener('change', (event) => byHand(indexOf(Number(event.target.value) || 0)));
  for (const button of document.querySelectorAll('[data-next]')) button.addEventListener('click', () => byHand(nextOf(button.dataset.next)));
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input')) return;
    if (event.key === ' ' && event.target.closest('button, a, summary')) return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  addEventListener('hashchange', openHash);
  // A printed drawing is as wide as its paper.
  const print = (width) => { smallest = 1; fit(width); drawArrows(); light(); };
  addEventListener('beforeprint', () => print(1030));
  addEventListener('afterprint', () => print());
  rewind();
  if (!openHash()) go(lastIndex);
}

start();
