// check.mjs PROGRAM ROOT [BEGINNING]: pages in a real browser; of the textbook, those whose name begins so.
//
// Each step of each script of the textbook, reached from the step before and from the step behind, has the rows that the
// program itself reports when a run stops there, and is drawn in the same way. Then everything that a reader does.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isDeepStrictEqual } from 'node:util';
import axe from 'axe-core';
import { launch, open } from './browser.mjs';

const [program, root, only = ''] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'bachsim-page-'));
const run = promisify(execFile);
const most = { maxBuffer: 1 << 28 };
let checks = 0;
let failures = 0;

function fail(what) {
  failures += 1;
  if (failures <= 20) console.log(`FAILED: ${what}`);
}
function check(what, is, wanted = true) {
  checks += 1;
  if (!isDeepStrictEqual(is, wanted)) fail(`${what}: is ${JSON.stringify(is)?.slice(0, 600)}, and not ${JSON.stringify(wanted)?.slice(0, 600)}`);
}
const url = (path, hash = '') => `file://${path}${hash}`;

// A script's page. Statuses other than 2 leave a page that is sound.
function pageOf(name, script) {
  const out = join(scratch, `${name}.html`);
  try {
    execFileSync(program, ['page', script, '-o', out], { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.status !== 1) throw error;
  }
  return out;
}

// The program's own report of a run that stops after so many steps.
async function report(script, steps) {
  const { stdout } = await run(program, ['run', script, '--format', 'json', '--report', 'summary,tlb', '--max-steps', String(steps)], most).catch((error) => error);
  return JSON.parse(stdout);
}

// In the page: the rows of its tables in the form of that report.
function rowsInPage() {
  const objects = (name) => [...tables.get(name).rows.values()].map((cells) =>
    Object.fromEntries(tables.get(name).columns.map((column, index) => [column, cells[index]])));
  const by = (...keys) => (a, b) => keys.reduce((order, key) => order || a[key] - b[key], 0);
  const pick = (row, ...names) => Object.fromEntries(names.map((name) => [name, row[name]]));
  const truths = (row, ...names) => Object.fromEntries(names.map((name) => [name, row[name] === 1]));
  const hex = (text) => (text.startsWith('0x') ? text : `0x${(text.endsWith('K') ? parseInt(text, 10) * 1024 : Number(text)).toString(16)}`);
  const pregions = objects('pregions').sort(by('process', 'index'));
  const pages = objects('pages').sort(by('region', 'page'));
  const devices = [];
  for (const extent of objects('swap_map').sort(by('device', 'address'))) (devices[extent.device] ??= []).push([extent.address, extent.units]);
  return {
    counters: Object.fromEntries(data.counters.map((name, index) => [name, numbers[index]])),
    gauges: Object.fromEntries(data.gauges.map((name, index) => [name, numbers[data.counters.length + index]])),
    processes: objects('processes').sort(by('pid')).map((row) => ({
      ...pick(row, 'name', 'pid', 'ppid', 'state', 'waiting_for', 'status', 'program', 'satp', 'break'),
      pregions: pregions.filter(({ process }) => process === row.slot).map((each) => ({
        ...pick(each, 'type', 'region'), start: hex(each.start), ...pick(each, 'pages', 'access'), ...(each.borrowed === 1 ? { borrowed: true } : {}) })) })),
    regions: objects('regions').sort(by('id')).map((row) => ({
      ...pick(row, 'id', 'type', 'refs', 'pages', 'program'),
      page_table: pages.filter(({ region }) => region === row.id).map((page) => ({
        ...pick(page, 'page', 'frame', 'age', 'disk'), ...truths(page, 'valid', 'writable', 'cow', 'referenced', 'modified') })) })),
    pfdata: objects('pfdata').sort(by('frame')).map((row) => ({ ...pick(row, 'frame', 'refs', 'disk'), free: row.free === 1 })),
    freelist: freeRuns.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, k) => first + k)),
    tlb: objects('tlb').sort(by('slot')).map((row) => pick(row, 'slot', 'asid', 'address', 'frame', 'grants')),
    swap_use: objects('swap_use').sort(by('device', 'block')),
    swap_map: devices.map((free, device) => ({ device, free })).filter(Boolean),
  };
}

// In the page: everything that a step draws.
const drawnInPage = () => ['columns', 'told', 'moment', 'sparklines'].map((id) => document.getElementById(id).innerHTML).join('\n')
  .replace(/ tabindex="-?\d"| class=""/g, '') + [...document.querySelectorAll('#arrows > path')].map((path) => `${path.dataset.from}>${path.dataset.to}`).join(' ');

// In the page: who has which region locked, and the frames that are being read, as the drawing says it.
const locksInPage = () => ({
  locked: Object.fromEntries([...document.querySelectorAll('#columns .lock:not(:has(del))')].map((lock) => [lock.closest('[data-key]').dataset.key, lock.textContent.trim()])),
  read: [...document.querySelectorAll('#columns [data-key^=f]')].filter((line) => line.textContent.endsWith('(being read)')).map((line) => line.dataset.key),
});
// The same from the program's report.
function locksOf({ processes, regions, pfdata }) {
  const nameOf = (pid) => processes.find((each) => each.pid === pid)?.name ?? 'vhand';
  return {
    locked: Object.fromEntries(regions.filter((region) => region.locked_by !== undefined).map(({ id, locked_by: pid }) => [`r${id}`, `locked by ${nameOf(pid)}`])),
    read: pfdata.filter((frame) => frame.read_by !== undefined).map(({ frame }) => `f${frame}`),
  };
}

// Frames begin at this page of physical memory.
const kFirstPpn = 0x80000;
// Columns that a page says in other words (kNotOnPages in sim/state): locksOf() sees to them.
const notOnPages = new Set(['awaited_region', 'awaited_frame', 'locked_by', 'sleepers', 'read_by']);
const asOnPages = (value) => JSON.parse(JSON.stringify(value, (key, of) => (notOnPages.has(key) ? undefined : of)));
const sameShape = ({ counters, gauges, processes, regions, pfdata, freelist, tlb, swap_use, swap_map }) =>
  ({ counters, gauges, processes, regions, pfdata, freelist,
     tlb: tlb.entries.map(({ slot, asid, address, ppn, grants }) => ({ slot, asid, address, frame: Number(ppn) - kFirstPpn, grants })),
     swap_use, swap_map: swap_map.filter(({ free }) => free.length > 0) });

async function everyStep(page, name, script) {
  const path = pageOf(name, script);
  await page.goto('about:blank');
  await page.goto(url(path, '#step=0'));
  // Both ways in the browser, and what was drawn compared there.
  const walk = await page.evaluate(([rowsText, drawnText, locksText]) => {
    const rowsOf = eval(`(${rowsText})`);
    const drawnOf = eval(`(${drawnText})`);
    const locksOf = eval(`(${locksText})`);
    const up = [];
    for (let index = 0; index < steps.length; ++index) {
      go(index);
      up.push({ n: steps[index].n, rows: JSON.stringify(rowsOf()), drawn: drawnOf(), locks: locksOf() });
    }
    const wrong = [];
    for (let index = steps.length - 1; index >= 0; --index) {
      go(index);
      if (JSON.stringify(rowsOf()) !== up[index].rows) wrong.push(`the rows of step ${up[index].n}`);
      if (drawnOf() !== up[index].drawn) wrong.push(`the drawing of step ${up[index].n}`);
    }
    return { wrong, up };
  }, [rowsInPage.toString(), drawnInPage.toString(), locksInPage.toString()]);
  check(`${name}: forward and back`, walk.wrong, []);
  check(`${name}: nothing is there at first`, JSON.parse(walk.up[0].rows).processes, []);
  for (const { n, rows, locks } of walk.up.slice(1)) {
    const wanted = sameShape(await report(script, n));
    check(`${name}: step ${n} against a run of ${n} steps`, JSON.parse(rows), asOnPages(wanted));
    check(`${name}: locks and reads at step ${n}`, locks, locksOf(wanted));
  }
  // The page, opened there.
  const some = new Set([1, Math.floor(walk.up.length / 2), walk.up.length - 1]);
  for (const index of name === 'fig-9.15' ? walk.up.keys() : some) {
    const step = walk.up[index];
    if (step === undefined) continue;
    await page.goto('about:blank');
    await page.goto(url(path, `#step=${step.n}`));
    check(`${name}: opened at step ${step.n}`, await page.evaluate(drawnInPage), step.drawn);
  }
  return walk.up.length;
}

const stepNow = (page) => page.evaluate(() => steps[now].n);

async function byHand(page) {
  const path = join(scratch, 'fig-9.15.html');
  const key = async (name) => { await page.keyboard.press(name); return stepNow(page); };
  const at = async (hash) => { await page.goto('about:blank'); await page.goto(url(path, hash)); };
  await at('');
  const last = await stepNow(page);
  check('a page opens at its end', last, await page.evaluate(() => steps[steps.length - 1].n));
  check('Home', await key('Home'), 0);
  check('ArrowLeft at the start', await key('ArrowLeft'), 0);
  check('ArrowRight', await key('ArrowRight'), 1);
  check('End', await key('End'), last);
  check('ArrowLeft', await key('ArrowLeft'), last - 1);
  await page.waitForFunction((n) => location.hash === `#step=${n}`, last - 1);
  await page.evaluate(() => { location.hash = '#step=11'; });
  await page.waitForFunction(() => steps[now].n === 11);
  check('the statement of the script is lit', await page.locator('#script li[aria-current]').evaluate((line) => line.lastChild.textContent), 'P: fork as C');
  check('e', await key('e'), 16);
  check('E', await key('E'), 10);
  await key('Home');
  await page.locator('#slider').focus();
  check('the slider by keyboard', await key('ArrowRight'), 1);
  check('the slider says where it is', (await page.locator('#slider').getAttribute('aria-valuetext')).startsWith('step 1: '));
  await page.locator('#slider').evaluate((slider) => { slider.value = 5; slider.dispatchEvent(new Event('input')); });
  check('the slider', await stepNow(page), 5);
  await page.locator('#number').fill('9');
  await page.keyboard.press('Enter');
  check('a number', await stepNow(page), 9);
  for (const [id, wanted] of [['back', 8], ['forward', 9], ['first', 0], ['last', last]]) {
    await page.locator(`#${id}`).click();
    check(`the button ${id}`, await stepNow(page), wanted);
  }
  await page.locator('#script li', { hasText: 'P: fork as C' }).click();
  check('a line of the script', await stepNow(page), 11);
  await page.locator('h1').click();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => steps[now].n >= 13);
  await page.keyboard.press('Space');
  const paused = await stepNow(page);
  await page.waitForTimeout(2000);
  check('space pauses', await stepNow(page), paused);
  await page.goto(url(join(scratch, 'fig-9.26.html'), '#step=0'));
  const said = () => page.locator('#told .statement').innerText();
  check('the next fault', await key('f').then(said), 'A: write data[0] = old');
  check('the next copy', await key('c').then(said), 'B: write data[0] = new');
  check('the fault before', await key('F').then(said), 'A: write data[0] = old');
  await page.goto(url(join(scratch, 'fig-9.24.html'), '#step=12'));
  check('the next sleep', await key('w').then(said), 'A: begin fetch text[0]');
  check('the next one', await key('w').then(said), 'B: begin fetch text[0]');
  check('who sleeps, and for whom', await page.locator('#told li', { hasText: 'sleeps' }).allTextContents(), ['B sleeps until A unlocks region 1']);
  check('who has the region locked', await page.locator('[data-key=r1] .lock').innerText(), 'locked by A');
  check('a frame that is being read', (await page.locator('[data-key=f1]').innerText()).endsWith('(being read)'));
  check('the next wakeup', await key('w').then(said), 'A: finish');
  check('the sleep before', await key('W').then(said), 'B: begin fetch text[0]');
  check('the free list is a line', await page.locator('[data-key^=l]').count(), 0);
  await page.locator('#fold-freelist').focus();
  await page.keyboard.press('Enter');
  check('the free list unfolds', await page.locator('[data-key^=l]').allInnerTexts(), ['head\t2–3', '2\t0']);
  check('its button stays where one is', await page.evaluate(() => document.activeElement.id), 'fold-freelist');
  check('and is expanded', await page.locator('#fold-freelist').getAttribute('aria-expanded'), 'true');
  check('a step with the button focused', await key('ArrowRight').then(said), 'note ""');
  check('keeps it focused', await page.evaluate(() => document.activeElement.id), 'fold-freelist');
  await page.goto(url(join(scratch, 'ex-9.13-stealer.html'), '#step=0'));
  check('the next steal', await key('s').then(() => page.locator('#sparklines li.changed', { hasText: 'stealer.stolen' }).count()), 1);
}

// A process that comes, sleeps, execs or ends is marked in the drawing, with its state before.
async function processes(page) {
  const script = join(scratch, 'processes.bach');
  writeFileSync(script, 'program a data=1\nprogram b data=1\nspawn a as P\nP: vfork as C\nC: exec b\nC: exit 3\n');
  const path = pageOf('processes', script);
  const captions = async (n) => {
    await page.goto('about:blank');
    await page.goto(url(path, `#step=${n}`));
    return page.locator('caption.changed').allTextContents();
  };
  check('a process that came', await captions(1), ['P pid 2, a, readynew']);
  check('a process that sleeps', await captions(2), ['P pid 2, a, ready asleep: vfork', 'C pid 3, a, readynew']);
  check('a process that execs', await captions(3), ['P pid 2, a, asleep: vfork ready', 'C pid 3, a b, ready']);
  check('a process that ends', await captions(4), ['C pid 3, b, ready zombie,  status 3']);
}

async function light(page) {
  const litOf = () => page.evaluate(() => [...new Set([...columnsElement.querySelectorAll('.lit')].map((row) => row.dataset.key ?? 'caption'))].sort());
  const arrowsOf = () => page.evaluate(() => [...document.querySelectorAll('#arrows > path.lit')].map((path) => `${path.dataset.from}>${path.dataset.to}`).sort());
  const why = () => page.locator('#why').innerText();
  await page.goto('about:blank');
  await page.goto(url(join(scratch, 'fig-9.15.html')));
  await page.locator('[data-pick=f613]').hover();
  const data = ['a1.1', 'a2.1', 'caption', 'f613', 'g2.33', 'g4.33', 'r2', 'r4'];
  const dataArrows = ['a1.1>r2', 'a2.1>r4', 'g2.33>f613', 'g4.33>f613', 'r2>t2', 'r4>t4'];
  check('what belongs to frame 613', await litOf(), data);
  check('arrows that belong to frame 613', await arrowsOf(), dataArrows);
  check('why its count is 2', await why(), 'Frame 613: count 2, as 2 page table entries lead to it: page 33 of region 2 (data of P) and page 33 of region 4 (data of C).');
  await page.mouse.move(0, 0);
  check('nothing is lit when nobody points', await litOf(), []);
  await page.locator('[data-pick=f967]').focus();
  check('what belongs to frame 967, by keyboard', await litOf(), ['a1.0', 'a2.0', 'caption', 'f967', 'g1.24', 'r1']);
  check('why its count is 1', await why(), 'Frame 967: count 1, as one page table entry leads to it: page 24 of region 1 (text of P and C). ' +
    'P and C share region 1 itself, and with it one page table: its entry counts once. It holds the contents of file:demo:24.');
  await page.keyboard.press('ArrowUp');
  check('the arrow keys go from frame to frame', await arrowsOf(), dataArrows);
  await page.keyboard.press('Enter');
  await page.locator('#number').focus();
  check('a frame that was pinned stays lit', await litOf(), data);
  await page.goto(url(join(scratch, 'fig-9.14.html')));
  await page.locator('[data-pick=f794]').hover();
  check('what belongs to frame 794', await litOf(), ['a2.1', 'caption', 'f794', 'g5.21', 'r5', 's1:1']);
}

async function hostile(page) {
  const words = '<script>pwned = 1</script><img src=x onerror="pwned = 1">\u2028</script><!-- & \' ';
  const script = join(scratch, 'hostile.bach');
  writeFileSync(script, `title "${words.replaceAll('"', '')}"\nprogram sh data=1\nspawn sh as P\nnote "${words.replaceAll('"', '')}"\n# ${words}\n`);
  await page.goto(url(pageOf('hostile', script)));
  const shownOf = (text) => text.replace('\u2028', '\\xe2\\x80\\xa8');  // as `run` prints it
  const shown = shownOf(words.replaceAll('"', ''));
  check('a title is text', await page.locator('h1').evaluate((element) => element.textContent), shown);
  check('a note is text', await page.locator('#told pre').evaluate((element) => element.textContent), shown);
  const listing = await page.locator('#script').evaluate((element) => element.textContent);
  check('a comment is text', listing.includes(`# ${shownOf(words)}`.trim()));
  check('no text is run', await page.evaluate(() => typeof pwned), 'undefined');
}

async function accessible(browser, path, hash, options) {
  const page = await open(browser, fail, options);
  await page.goto(url(path, hash));
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
  check(`axe-core on ${path.split('/').pop()}${hash}, ${JSON.stringify(options)}`,
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).slice(0, 3).join(' ')}`), []);
  check('axe-core looked', passes.length > 10);
  await page.context().close();
}

// 5,000 steps over 4,096 frames: under 5 MB, open in under 1 s, steps under 50 ms.
async function large(browser) {
  const lines = ['machine frames=4096 swap=16384', 'program big data=1500'];
  const names = ['P', 'Q', 'R', 'S'];
  for (const name of names) lines.push(`spawn big as ${name}`, `${name}: write data[0..900]`);
  let seed = 7;
  const draw = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  let parent = null;
  for (let step = 8; step < 5000; ++step) {
    const name = names[draw(997) % 4];
    if (step % 500 === 0) lines.push(`${parent = name}: fork as K[${step}]`);
    else if (step % 500 === 30 && parent) lines.push(`K[${step - 30}]: exit`);
    else if (step % 500 === 31 && parent) lines.push(`${parent}: wait`);
    else lines.push(`${name}: ${draw(997) < 600 ? 'write' : 'read'} data[${draw(99991) % 1500}]`);
  }
  const script = join(scratch, 'large.bach');
  writeFileSync(script, `${lines.join('\n')}\n`);
  const path = pageOf('large', script);
  check('5,000 steps are under 5 MB', statSync(path).size < 5e6);
  const page = await open(browser, fail);
  // The processor's time, which other programs take nothing of: the clock's only bounds that they cannot reach.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const worked = async () => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ThreadTime').value * 1000;
  const opened = [];
  const openedAt = [];
  for (const hash of ['#step=0', '#step=2500', '']) {
    await page.goto('about:blank');
    const before = await worked();
    await page.goto(url(path, hash));
    opened.push(await worked() - before);
    openedAt.push(await page.evaluate(() => performance.getEntriesByType('navigation')[0].loadEventEnd));
  }
  const taken = [];
  for (let i = 0; i < 100; ++i) {
    const before = await worked();
    await page.evaluate((k) => { go(steps.length + k); document.body.getBoundingClientRect(); }, i < 50 ? -2 - i : i - 100);
    taken.push(await worked() - before);
  }
  taken.sort((a, b) => a - b);
  console.log(`${statSync(path).size} bytes; opens in ${openedAt.map(Math.round).join(', ')} ms, ${opened.map(Math.round).join(', ')} of the processor; ` +
              `a step takes ${taken[50].toFixed(1)} of it, one of ten ${taken[90].toFixed(1)} ms`);
  check('5,000 steps open in under 1 s', Math.max(...opened) < 1000 && Math.min(...openedAt) < 5000);
  check('one of 5,000 steps takes less than 50 ms', taken[50] < 50 && taken[90] < 100);
  check('the last of 5,000 steps has the rows of the run', JSON.parse(await page.evaluate(([text]) => { go(steps.length - 1); return JSON.stringify(eval(`(${text})`)()); }, [rowsInPage.toString()])),
        sameShape(await report(script, 1e9)));
  await page.context().close();
  return path;
}

// More steps, expectations and runs of free frames than a call has room for arguments.
async function veryLong(browser) {
  const many = 150000;
  const script = join(scratch, 'very-long.bach');
  writeFileSync(script, `program demo data=1\nspawn demo as A\nrepeat ${many} {\n  A: read data[0]\n}\n${'expect 1 == 1\n'.repeat(many)}`);
  const page = await open(browser, fail);
  await page.goto(url(pageOf('very-long', script)));
  check('a very long run is drawn', await page.evaluate(() => [now === lastIndex, sparklines.length > 0, judged.length]), [true, true, many]);
  check('a free list of very many runs comes and goes', await page.evaluate((count) => {
    const [before, is] = [JSON.stringify(freeRuns), freeRuns.length];
    const runs = Array.from({ length: 2 * count }, (_, k) => (k % 2 ? 1 : 2 * k));
    moveFree([0, [], runs], true);
    const full = [freeRuns.length - is, freeRuns[count - 1], freeRuns[count]];
    moveFree([0, [], runs], false);
    return [...full.slice(0, 2), JSON.stringify(full[2]) === JSON.stringify(JSON.parse(before)[0]), JSON.stringify(freeRuns) === before];
  }, many), [many, [4 * many - 4, 1], true, true]);
  await page.context().close();
}

// The folder of all pages: every link leads to a file of it, and to a place that is there.
async function site(browser, page) {
  const folder = join(scratch, 'site');
  execFileSync(program, ['textbook', '--site', folder]);
  const files = readdirSync(folder).filter((file) => file.endsWith('.html'));
  const ids = (file) => new Set([...readFileSync(join(folder, file), 'utf8').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  let links = 0;
  for (const file of files) {
    for (const [, href] of readFileSync(join(folder, file), 'utf8').split('<script')[0].matchAll(/ href="([^"]+)"/g)) {
      const [to, id] = href.split('#');
      links += 1;
      if (/^https:/.test(href)) continue;
      if (to !== '' && !files.includes(to)) fail(`${file}: a link to ${href}, which is not there`);
      else if (id !== undefined && !ids(to || file).has(id)) fail(`${file}: a link to ${href}, which has no such place`);
    }
  }
  check('links of the site', links > 500);
  const guide = readFileSync(join(folder, 'textbook.html'), 'utf8');
  check('names in the guide are links', guide.split('<a href="fig-9.15.html"><code>').length > 3);
  await page.goto(url(join(folder, 'index.html')));
  check('chapters', await page.locator('h2').count() >= 3);
  await page.getByRole('link', { name: 'fig-9.15', exact: true }).click();
  check('a figure of the site', await page.locator('h1').innerText(), 'Figure 9.15: regions and pages after fork');
  await page.getByRole('link', { name: 'Next: fig-9.16' }).click();
  await page.getByRole('link', { name: 'The workload language' }).click();
  check('a document of the site', await page.locator('h1').innerText(), 'The workload language');
  await page.getByRole('link', { name: 'Figures and exercises' }).click();
  check('back at the index', page.url().endsWith('/site/index.html'));
  for (const scheme of ['light', 'dark']) {
    for (const file of ['index.html', 'workload-language.html', 'pages.html', 'fig-9.23.html']) await accessible(browser, join(folder, file), '', { scheme });
  }
}

const browser = await launch();
try {
  const page = await open(browser, fail);
  const folder = join(root, 'workloads/textbook');
  let steps = 0;
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.bach') && each.startsWith(only))) steps += await everyStep(page, file.slice(0, -5), join(folder, file));
  check('steps of the textbook', only !== '' || steps > 1000);
  for (const name of ['fig-9.14', 'fig-9.15', 'fig-9.24', 'fig-9.26', 'ex-9.13-stealer']) pageOf(name, join(folder, `${name}.bach`));
  await byHand(page);
  await processes(page);
  await light(page);
  await hostile(page);
  await site(browser, page);
  const largePath = await large(browser);
  await veryLong(browser);
  for (const scheme of ['light', 'dark']) {
    await accessible(browser, join(scratch, 'fig-9.15.html'), '#step=11', { scheme });
    await accessible(browser, join(scratch, 'ex-9.13-stealer.html'), '', { scheme });
    await accessible(browser, join(scratch, 'fig-9.24.html'), '#step=14', { scheme });
    await accessible(browser, join(scratch, 'fig-9.14.html'), '#step=0', { scheme, width: 390, height: 844 });
    await accessible(browser, largePath, '#step=4000', { scheme });
  }
  console.log(`${steps} steps of the textbook; ${checks} checks, ${failures} failed`);
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
