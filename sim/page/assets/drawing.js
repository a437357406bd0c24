// The tables as a drawing: processes, regions, page tables, pfdata and swap from left to right, and arrows from row to
// row. Rows that only count on stand as one, and of long tables those that a step has nothing to do with are folded.
'use strict';

const kManyRows = 60;    // valid pages or frames that are drawn one by one
const kFoldedFrom = 40;  // rows of a table; longer ones are folded
const kSmallest = 0.72;  // letters, to the page's own
const kMostRows = 120;   // that a folded table draws
const kFewRows = 8;      // of the free list and the TLB

const columnsElement = document.getElementById('columns');
const arrowsElement = document.getElementById('arrows');
const elements = new Map();  // by key: the row or caption that is drawn
const opened = new Set();    // keys of rows that the reader has unfolded
let model = null;

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

const range = (first, last) => (first === last ? String(first) : `${first}–${last}`);
const plural = (count, one, several = `${one}s`) => `${count} ${count === 1 ? one : several}`;
const listed = (words) => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`);

// Whether a numbered text goes on from another.
function diskGoesOn(a, b, count) {
  if (a === b) return splitDisk(a)[1] === null;
  const [words, number] = splitDisk(a);
  const [more, next] = splitDisk(b);
  return words === more && number !== null && next === number + count;
}

function diskText(first, last) {
  if (first === last || first === null) return first ?? '–';
  return `${first}–${splitDisk(last)[1]}`;
}

// Whether a row's change goes on from that of the first row of a run.
function markGoesOn(a, b, count) {
  if (a === undefined || b === undefined) return a === b;
  if (a.came || b.came) return a.came === b.came;
  return a.was.size === b.was.size && [...a.was].every(([column, was]) => {
    const other = b.was.get(column);
    return b.was.has(column) && (other === was || (typeof was === 'number' ? other === was + count : diskGoesOn(was, other, count)));
  });
}

// Rows of one table as runs: { rows, mark, lastMark }.
function runs(rows, marked, goesOn) {
  const found = [];
  for (const row of rows) {
    const mark = marked.get(row.number);
    const run = found[found.length - 1];
    if (run && markGoesOn(run.mark, mark, run.rows.length) && goesOn(run, row)) {
      run.rows.push(row);
      run.lastMark = mark;
    } else {
      found.push({ rows: [row], mark, lastMark: mark });
    }
  }
  return found;
}

// Leaves of a long table the rows that matter, and folds what is between them.
function fold(lines, matters, most = kFoldedFrom) {
  if (lines.length <= most) return lines;
  let room = kMostRows;
  const kept = lines.map((line, index) => index < 3 || opened.has(line.key));
  lines.forEach((line, index) => {
    if (!kept[index] && matters(line) && room > 0) {
      kept[index] = true;
      --room;
    }
  });
  const folded = [];
  lines.forEach((line, index) => {
    const last = folded[folded.length - 1];
    if (kept[index]) folded.push(line);
    else if (last?.folds) last.folds.push(line);
    else folded.push({ key: `-${line.key}`, folds: [line] });
  });
  return folded;
}

// The model of a step: everything that is drawn, as plain objects with keys.
function makeModel() {
  const regions = sorted('regions').map((row) => ({
    key: `r${get('regions', row, 'id')}`, row, id: get('regions', row, 'id'), type: get('regions', row, 'type'),
    refs: get('regions', row, 'refs'), pages: get('regions', row, 'pages'), program: get('regions', row, 'program'),
    users: [], tables: [] }));
  const regionOf = new Map(regions.map((region) => [region.id, region]));
  const processes = sorted('processes').map((row) => ({
    row, slot: get('processes', row, 'slot'), name: get('processes', row, 'name'), pid: get('processes', row, 'pid'), pregions: [] }));
  const processOf = new Map(processes.map((process) => [process.slot, process]));
  for (const row of sorted('pregions')) {
    const process = processOf.get(get('pregions', row, 'process'));
    const region = regionOf.get(get('pregions', row, 'region'));
    const pregion = { key: `a${process.slot}.${get('pregions', row, 'index')}`, row, process, region };
    process.pregions.push(pregion);
    region?.users.push(pregion);
  }
  makePageLines(regions);
  const frames = frameLines(regions);
  return { processes, regions, frames, swap: swapLines(), extents: extentLines(), free: freeLines(), tlb: tlbLines(),
           gaugeFree: numbers[numberNames.indexOf('frames.free')] };
}

// Lines of page tables, kept from step to step: by region { rows, valid, many, marked, lines }.
const pageLinesOf = new Map();

function makePageLines(regions) {
  const { at, rows } = pageTable;
  const stale = new Set(touchedRegions);
  touchedRegions.clear();
  const marked = marks('pages');
  for (const number of marked.keys()) stale.add(rows.get(number)[at.region]);
  let valid = 0;
  for (const { id } of regions) {
    let kept = pageLinesOf.get(id);
    if (kept === undefined) pageLinesOf.set(id, kept = { rows: [], valid: 0, many: false, marked: false, lines: null });
    if (kept.lines === null || kept.marked || stale.has(id)) {
      kept.rows = [...regionPages.get(id) ?? []].sort(([a], [b]) => a - b).map(([, number]) => ({ number, cells: rows.get(number) }));
      kept.valid = kept.rows.reduce((sum, { cells }) => sum + cells[at.valid], 0);
      kept.lines = null;
    }
    valid += kept.valid;
  }
  const many = valid > kManyRows;
  const ids = new Set(regions.map(({ id }) => id));
  for (const id of [...pageLinesOf.keys()]) if (!ids.has(id)) pageLinesOf.delete(id);
  for (const region of regions) {
    const kept = pageLinesOf.get(region.id);
    if (kept.lines === null || kept.many !== many) {
      kept.lines = pageLines(region.id, kept.rows, marked, many);
      kept.many = many;
      kept.marked = kept.lines.some((line) => line.mark !== undefined);
    }
    for (const line of kept.lines) line.region = region;
    region.lines = fold(kept.lines, (line) => line.mark !== undefined || lit.keys.has(line.key));
  }
}

function pageLines(id, rows, marked, many) {
  const { at } = pageTable;
  const same = ['valid', 'writable', 'cow', 'referenced', 'modified', 'age'].map((name) => at[name]);
  return runs(rows, marked, (run, row) => {
    const a = run.rows[0].cells;
    const b = row.cells;
    const count = run.rows.length;
    if (a[at.valid] && !many) return false;
    if (same.some((column) => a[column] !== b[column])) return false;
    for (const column of [at.frame, at.pte_frame, at.block]) {
      if (a[column] === null ? b[column] !== null : b[column] !== a[column] + count) return false;
    }
    return diskGoesOn(a[at.disk], b[at.disk], count);
  }).map((run) => {
    const first = run.rows[0].cells;
    const last = run.rows[run.rows.length - 1].cells;
    return { key: `g${id}.${first[at.page]}`, first, last, mark: run.mark, lastMark: run.lastMark, rows: run.rows,
             valid: first[at.valid] === 1, frame: first[at.frame], lastFrame: last[at.frame], disk: first[at.disk] };
  });
}

function frameLines(regions) {
  const at = tables.get('pfdata').at;
  const rows = sorted('pfdata');
  const named = [];
  for (const region of regions) {
    for (const line of region.lines) {
      if (!line.folds && line.valid) named.push(line.frame, line.lastFrame);
    }
  }
  named.sort((a, b) => a - b);
  const many = rows.length > kManyRows;
  const found = runs(rows, marks('pfdata'), (run, row) => {
    const a = run.rows[0].cells;
    const b = row.cells;
    const count = run.rows.length;
    return many && a[at.refs] === b[at.refs] && a[at.free] === b[at.free] && a[at.being_read] === b[at.being_read] && b[at.frame] === a[at.frame] + count &&
           diskGoesOn(a[at.disk], b[at.disk], count);
  }).map((run) => {
    const first = run.rows[0].cells;
    const last = run.rows[run.rows.length - 1].cells;
    return { key: `f${first[at.frame]}`, first: first[at.frame], last: last[at.frame], refs: first[at.refs],
             disk: first[at.disk], lastDisk: last[at.disk], free: first[at.free] === 1, read: first[at.being_read] === 1, mark: run.mark, lastMark: run.lastMark, rows: run.rows };
  });
  let next = 0;  // lines are asked about in their order
  const isNamed = (line) => {
    while (next < named.length && named[next] < line.first) ++next;
    return next < named.length && named[next] <= line.last;
  };
  return fold(found, (line) => line.mark !== undefined || lit.keys.has(line.key) || isNamed(line));
}

function swapLines() {
  const at = tables.get('swap_use').at;
  const rows = sorted('swap_use');
  const found = runs(rows, marks('swap_use'), (run, row) => {
    const a = run.rows[0].cells;
    return rows.length > kManyRows && a[at.device] === row.cells[at.device] && a[at.refs] === row.cells[at.refs] &&
           row.cells[at.block] === a[at.block] + run.rows.length;
  }).map((run) => {
    const first = run.rows[0].cells;
    return { key: `s${first[at.device]}:${first[at.block]}`, device: first[at.device], first: first[at.block],
             last: run.rows[run.rows.length - 1].cells[at.block], refs: first[at.refs], mark: run.mark, lastMark: run.lastMark, rows: run.rows };
  });
  return fold(found, (line) => line.mark !== undefined || lit.keys.has(line.key));
}

function extentLines() {
  const at = tables.get('swap_map').at;
  const marked = marks('swap_map');
  return fold(sorted('swap_map').map(({ number, cells }) => ({
    key: `x${cells[at.device]}:${cells[at.address]}`, device: cells[at.device], address: cells[at.address],
    units: cells[at.units], mark: marked.get(number), rows: [{ number, cells }] })), (line) => line.mark !== undefined);
}

// Runs of the free list, in its order.
function freeLines() {
  const came = new Set();
  for (const move of now > 0 ? freeMoves(steps[now].q ?? []) : []) move.came.forEach((_, k) => came.add(move.is + k));
  return freeRuns.map(([first, last], index) => ({ key: `l${first}`, first, last, place: index, changed: came.has(index) }));
}

function tlbLines() {
  const marked = marks('tlb');
  const at = tables.get('tlb').at;
  return sorted('tlb').map(({ number, cells }) => ({
    key: `b${cells[at.slot]}`, slot: cells[at.slot], asid: cells[at.asid], address: cells[at.address], frame: cells[at.frame],
    grants: cells[at.grants], mark: marked.get(number) }));
}

// The line of a list that covers a number.
const covering = (lines, number) => lines.find((line) => !line.folds && line.first <= number && number <= line.last);
const blockLine = (disk) => {
  const match = /^swap:(\d+):(\d+)$/.exec(disk ?? '');
  return match && model.swap.find((line) => !line.folds && line.device === Number(match[1]) &&
    line.first <= Number(match[2]) && Number(match[2]) <= line.last);
};

// Virtual addresses as the script speaks of them: those of pages of a region in the first process that has it.
function address(region, page) {
  const pregion = region.users[0];
  if (!pregion) return '';
  const start = get('pregions', pregion.row, 'first') + page * get('pregions', pregion.row, 'stride');
  const label = !String(get('pregions', pregion.row, 'start')).startsWith('0x');
  if (!label) return `0x${start.toString(16)}`;
  return start % 1024 === 0 && start > 0 ? `${start / 1024}K` : String(start);
}

// A table cell: what is, and struck through what was before this step.
function tableCell(text, was, attributes = {}) {
  if (was === undefined || was === text) return make('td', attributes, text);
  return make('td', attributes, make('del', {}, was), ' ', make('ins', {}, text));
}

// What stood in a column of a line before this step, as `show` writes it; undefined if that is what stands there now.
function before(line, name, column, show = String) {
  const index = tables.get(name).at[column];
  if (!line.mark?.was?.has(index)) return undefined;
  const first = line.mark.was.get(index);
  const last = (line.lastMark ?? line.mark).was.get(index);
  if (first === null) return '–';
  return show(first === last ? first : typeof first === 'number' ? range(first, last) : diskText(first, last));
}

const newBadge = (mark) => (mark?.came ? make('span', { class: 'new' }, 'new') : null);

// Cards are kept from step to step, and so are rows that look the same, with what the reader has focused in them.
const cards = new Map();  // by key: { element, body, caption, rows: Map of key to { signature, row } }

function card(key, captionText, captionSmall, heads) {
  let kept = cards.get(key);
  if (kept === undefined) {
    const caption = make('caption', {});
    const body = make('tbody', {});
    const head = heads && make('thead', {}, make('tr', {}, ...heads.map(([text, kind]) => make('th', { scope: 'col', class: kind }, text))));
    kept = { element: make('div', { class: 'card' }, make('table', {}, caption, head, body)), body, caption, rows: new Map() };
    cards.set(key, kept);
  }
  kept.caption.replaceChildren(captionText, captionSmall ? ' ' : '', make('small', {}, ...[captionSmall ?? ''].flat()));
  kept.used = true;
  return kept;
}

// Puts rows into a card: a list of { key, signature, make }.
function fill(kept, rows) {
  const old = kept.rows;
  kept.rows = new Map();
  const list = rows.map(({ key, signature, make: makeRow }) => {
    let entry = old.get(key);
    if (entry === undefined || entry.signature !== signature) entry = { signature, row: makeRow() };
    kept.rows.set(key, entry);
    elements.set(key, entry.row);
    entry.row.dataset.key = key;
    return entry.row;
  });
  const children = kept.body.children;
  list.forEach((row, index) => { if (children[index] !== row) kept.body.insertBefore(row, children[index] ?? null); });
  while (children.length > list.length) kept.body.lastChild.remove();
}

const rowClass = (line, more = '') => `${line.mark ? 'changed' : ''} ${more}`.trim();
const signatureOf = (line, ...more) => JSON.stringify([line.mark ? [line.mark.came, [...(line.mark.was ?? [])]] : 0, ...more]);

// A card that the reader folds and unfolds; folded, its caption stands for its rows.
const unfolded = new Set();
function foldable(key, title, small, heads, lines, changed, rowsOf) {
  const open = unfolded.has(key);
  const button = make('button', { type: 'button', 'aria-expanded': String(open), id: `fold-${key}` }, `${open ? '▾' : '▸'} ${title}`);
  button.addEventListener('click', () => {
    if (open) unfolded.delete(key);
    else unfolded.add(key);
    draw();
    document.getElementById(`fold-${key}`).focus();
  });
  const focused = document.activeElement?.id === button.id;
  const kept = card(key, button, [small, changed && !open ? make('span', { class: 'new' }, 'changed') : ''], heads);
  kept.element.classList.toggle('folded', !open);
  kept.caption.classList.toggle('changed', changed && !open);
  if (focused) button.focus();
  fill(kept, open ? rowsOf() : []);
  if (!open) for (const line of lines) elements.set(line.key, kept.caption);
  return kept.element;
}

function freeCard() {
  const frames = model.free.reduce((sum, line) => sum + line.last - line.first + 1, 0);
  const small = frames === 0 ? 'empty' : `${plural(frames, 'frame')}, the head is ${model.free[0].first}`;
  return foldable('freelist', 'Free list', small, [['Place', ''], ['Frames', '']], model.free,
                  model.free.some((line) => line.changed) || (now > 0 && (steps[now].q ?? []).length > 0), () =>
    fold(model.free, (line) => line.changed || lit.keys.has(line.key), kFewRows).map((line) => {
      if (line.folds) return foldRow(line, 2, 'runs of frames');
      const frames = range(line.first, line.last);
      const place = line.place === 0 ? 'head' : String(line.place + 1);
      return { key: line.key, signature: JSON.stringify([frames, place, line.changed]), make: () =>
        make('tr', { class: line.changed ? 'changed' : '' }, make('td', {}, place), make('td', { class: 'big' }, frames)) };
    }));
}

function tlbCard() {
  return foldable('tlb', 'TLB', `${model.tlb.length} of ${plural(data.tlb, 'entry', 'entries')}`,
                  [['Space', ''], ['Address', ''], ['Frame', ''], ['Grants', 'word']], model.tlb,
                  now > 0 && steps[now].r.some((index, k) => k % 2 === 0 && data.tables[index][0] === 'tlb'), () =>
    fold(model.tlb, (line) => line.mark !== undefined || lit.keys.has(line.key), kFewRows).map((line) => {
      if (line.folds) return foldRow(line, 4, 'entries');
      return { key: line.key, signature: signatureOf(line, line.asid, line.address, line.frame, line.grants), make: () =>
        make('tr', { class: rowClass(line) }, tableCell(String(line.asid), before(line, 'tlb', 'asid')),
             make('td', {}, line.address, newBadge(line.mark)), tableCell(String(line.frame), before(line, 'tlb', 'frame'), { class: 'big' }),
             tableCell(line.grants, before(line, 'tlb', 'grants'), { class: 'word' })) };
    }));
}

// The row that stands for folded ones, and unfolds some of them.
function foldRow(line, columns, what) {
  return { key: line.key, signature: `${line.folds.length}`, make: () => {
    const button = make('button', { type: 'button' }, `… ${plural(line.folds.length, 'more row')}`);
    button.addEventListener('click', () => {
      for (const each of line.folds.slice(0, 100)) opened.add(each.key);
      draw();
    });
    return make('tr', { class: 'dim' }, make('td', { colspan: columns, class: 'word', title: what }, button));
  } };
}

const kFlags = [['valid', 'v'], ['writable', 'w'], ['cow', 'c'], ['referenced', 'r'], ['modified', 'm']];
function flags(line) {
  const at = tables.get('pages').at;
  return make('td', {}, ...kFlags.map(([name, letter]) => {
    const is = line.first[at[name]] ? letter : '-';
    const was = line.mark?.was?.has(at[name]);
    if (!was) return make('span', {}, is);
    return is === '-' ? make('del', { title: `no longer ${name}` }, letter) : make('ins', { title: `${name} now` }, letter);
  }));
}

function processCard(process) {
  const { row } = process;
  const mark = marks('processes').get(row.number);
  const is = (column) => get('processes', row, column);
  const was = (column) => (mark?.was?.has(tables.get('processes').at[column]) ? mark.was.get(tables.get('processes').at[column]) : is(column));
  const words = (of) => [`pid ${process.pid}`, of('program'), of('waiting_for') ? `${of('state')}: ${of('waiting_for')}` : of('state'),
                         of('status') === null ? '' : `status ${of('status')}`];
  const old = words(was);
  let changed = mark?.came ?? false;
  const parts = words(is).flatMap((word, index) => {
    if (!word) return [];
    const comma = index > 0 ? ', ' : '';
    if (word === old[index]) return [comma, word];
    changed = true;
    return [comma, old[index] ? make('del', {}, old[index]) : '', ' ', make('ins', {}, word)];
  });
  const kept = card(`P${process.slot}`, process.name, [...parts, newBadge(mark) ?? ''],
                    [['Type', 'word'], ['Address', ''], ['Region', '']]);
  kept.caption.classList.toggle('changed', changed);
  const marked = marks('pregions');
  fill(kept, process.pregions.map((pregion) => {
    const line = { key: pregion.key, mark: marked.get(pregion.row.number) };
    const value = (column) => get('pregions', pregion.row, column);
    const type = `${value('name')}${value('borrowed') === 1 ? ' (borrowed)' : ''}${value('locked') === 1 ? ' (locked)' : ''}`;
    return { key: line.key, signature: signatureOf(line, type, value('start'), value('region')), make: () =>
      make('tr', { class: rowClass(line) }, make('td', { class: 'word' }, type, newBadge(line.mark)),
           tableCell(value('start'), before(line, 'pregions', 'start')),
           tableCell(String(value('region')), before(line, 'pregions', 'region'))) };
  }));
  return kept.element;
}

function regionsCard() {
  const marked = marks('regions');
  const kept = card('regions', 'Regions', '', [['Region', ''], ['Type', 'word'], ['Count', ''], ['Pages', '']]);
  fill(kept, model.regions.map((region) => {
    const line = { key: region.key, mark: marked.get(region.row.number) };
    const lockedBy = get('regions', region.row, 'locked_by');
    const was = before(line, 'regions', 'locked_by') ?? lockedBy;
    const locked = lockedBy !== '' ? [' ', make('small', { class: 'lock' }, `locked by ${lockedBy}`)]
      : was !== '' ? [' ', make('small', { class: 'lock' }, make('del', {}, `locked by ${was}`))] : [];
    return { key: line.key, signature: signatureOf(line, region.type, region.refs, region.pages, lockedBy), make: () =>
      make('tr', { class: rowClass(line) }, make('td', {}, pick(region.key, String(region.id), `Region ${region.id}`), newBadge(line.mark)),
           make('td', { class: 'word' }, region.type, ...locked), tableCell(String(region.refs), before(line, 'regions', 'refs'), { class: 'big' }),
           tableCell(String(region.pages), before(line, 'regions', 'pages'))) };
  }));
  return kept.element;
}

function pagesCard(region) {
  const at = tables.get('pages').at;
  const users = [...new Set(region.users.map((pregion) => pregion.process.name))];
  const kept = card(`T${region.id}`, `Region ${region.id}: ${region.type}`, users.length ? `of ${listed(users)}` : '',
                    [['Page', ''], ['Address', ''], ['Frame', ''], ['Flags', 'word'], ['Age', ''], ['On disk', 'word']]);
  elements.set(`t${region.id}`, kept.caption);
  const frameText = (line) => (line.valid ? range(line.frame, line.lastFrame)
    : line.first[at.pte_frame] !== null ? `(${range(line.first[at.pte_frame], line.last[at.pte_frame])})` : '–');
  fill(kept, region.lines.map((line) => {
    if (line.folds) return foldRow(line, 6, 'pages');
    const block = line.first[at.block] === null ? '' : `, block ${range(line.first[at.block], line.last[at.block])}`;
    const disk = diskText(line.disk, line.last[at.disk]) + block;
    const page = range(line.first[at.page], line.last[at.page]);
    const virtual = address(region, line.first[at.page]);
    return { key: line.key, signature: signatureOf(line, page, virtual, frameText(line), line.first[at.age], disk, line.first), make: () =>
      make('tr', { class: rowClass(line, line.valid ? '' : 'dim') },
           make('td', {}, line.rows.length === 1 && (line.valid || line.disk.startsWith('swap'))
             ? pick(line.key, page, `Page ${page} of region ${region.id}`) : page, newBadge(line.mark)),
           make('td', {}, virtual), tableCell(frameText(line), before(line, 'pages', 'frame') ?? before(line, 'pages', 'pte_frame', (n) => `(${n})`), { class: line.valid ? 'big' : '' }),
           flags(line), tableCell(line.valid ? String(line.first[at.age]) : '–', before(line, 'pages', 'age')),
           tableCell(disk, before(line, 'pages', 'disk'), { class: 'word' })) };
  }));
  return kept.element;
}

function framesCard() {
  const kept = card('pfdata', 'pfdata', `${data.frames} frames, ${model.gaugeFree} free`, [['Frame', ''], ['Count', ''], ['Disk block', 'word']]);
  fill(kept, model.frames.map((line) => {
    if (line.folds) return foldRow(line, 3, 'frames');
    const frame = range(line.first, line.last);
    const disk = diskText(line.disk, line.lastDisk);
    const free = line.read ? ' (being read)' : line.free ? ' (free)' : '';
    return { key: line.key, signature: signatureOf(line, frame, line.refs, disk, free), make: () =>
      make('tr', { class: rowClass(line, line.refs === 0 ? 'dim' : '') },
           make('td', {}, pick(line.key, frame, `Frame ${frame}, count ${line.refs}`), newBadge(line.mark)),
           tableCell(String(line.refs), before(line, 'pfdata', 'refs'), { class: 'big' }),
           tableCell(disk + free, before(line, 'pfdata', 'disk'), { class: 'word' })) };
  }));
  return kept.element;
}

function swapCards() {
  if (model.swap.length === 0 && model.extents.length === 0) return [];
  const kept = card('swap', 'Swap use', '', [['Block', 'word'], ['Count', '']]);
  fill(kept, model.swap.map((line) => {
    if (line.folds) return foldRow(line, 2, 'blocks');
    const block = `${line.device}:${range(line.first, line.last)}`;
    return { key: line.key, signature: signatureOf(line, block, line.refs), make: () =>
      make('tr', { class: rowClass(line) }, make('td', { class: 'word' }, pick(line.key, block, `Swap block ${block}, count ${line.refs}`), newBadge(line.mark)),
           tableCell(String(line.refs), before(line, 'swap_use', 'refs'), { class: 'big' })) };
  }));
  const map = card('map', 'Swap map', 'free', [['Address', 'word'], ['Units', '']]);
  fill(map, model.extents.map((line) => {
    if (line.folds) return foldRow(line, 2, 'extents');
    const start = `${line.device}:${line.address}`;
    return { key: line.key, signature: signatureOf(line, start, line.units), make: () =>
      make('tr', { class: rowClass(line) }, make('td', { class: 'word' }, start, newBadge(line.mark)),
           tableCell(String(line.units), before(line, 'swap_map', 'units'))) };
  }));
  return [kept.element, map.element];
}

function column(title, cardElements) {
  let kept = cards.get(`column ${title}`);
  if (kept === undefined) {
    kept = { element: make('div', { class: 'column' }, make('h3', {}, title)), used: true };
    cards.set(`column ${title}`, kept);
  }
  kept.used = true;
  const list = cardElements.length ? cardElements : [make('p', {}, 'none')];
  const children = kept.element.children;
  list.forEach((element, index) => { if (children[index + 1] !== element) kept.element.insertBefore(element, children[index + 1] ?? null); });
  while (children.length > list.length + 1) kept.element.lastChild.remove();
  return kept.element;
}

// Draws the tables of the step that the rows stand at, as far as they need not be measured for that.
function drawCards() {
  elements.clear();
  for (const kept of cards.values()) kept.used = false;
  model = makeModel();
  const swap = swapCards();
  const list = [
    column('Processes, pregions', model.processes.map(processCard)),
    column('Region table', [...(model.regions.length ? [regionsCard()] : []), ...(data.tlb > 0 ? [tlbCard()] : [])]),
    column('Page tables: entry, disk block descriptor', model.regions.filter(({ lines }) => lines.length > 0).map(pagesCard)),
    column('Frames', [framesCard(), freeCard()]),
    ...(swap.length ? [column('Swap', swap)] : []),
  ];
  list.forEach((element, index) => {
    if (columnsElement.children[index] !== element) columnsElement.insertBefore(element, columnsElement.children[index] ?? null);
  });
  while (columnsElement.children.length > list.length) columnsElement.lastChild.remove();
  for (const [key, kept] of cards) if (!kept.used) cards.delete(key);
  roving();
}

// Everything that is measured first: the page is laid out once for all of it, and the arrows come last.
function draw(measured = () => {}) {
  drawCards();
  fit();
  measured();
  drawArrows();
  light();
}

// Letters as large as the panel's width has room for; smaller ones stay, so that they do not change from step to step.
let smallest = 1;
function fit(width = document.getElementById('tables').clientWidth - 32) {
  const drawing = document.getElementById('drawing');
  const scale = Number(drawing.style.getPropertyValue('--fit') || 1);
  const natural = columnsElement.scrollWidth / scale;
  smallest = Math.min(smallest, Math.max(kSmallest, width / natural));
  const size = smallest.toFixed(3);
  if (drawing.style.getPropertyValue('--fit') !== size) drawing.style.setProperty('--fit', size);
}
