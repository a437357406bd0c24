// Debian's Chromium, and pages in it that may ask for nothing but their own files.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
              '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({ executablePath, args });

// A page of this size and color scheme. `fail(what)` is called for each mistake of a script and each request that leaves
// the host's files.
export async function open(browser, fail, { scheme = 'light', width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  context.setDefaultTimeout(300000);
  const page = await context.newPage();
  page.on('pageerror', (error) => fail(`a mistake in a script: ${error.stack}`));
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) fail(`the console says: ${message.text()}`); });
  page.on('request', (request) => { if (!/^file:|^about:blank/.test(request.url())) fail(`a request leaves the page: ${request.url()}`); });
  page.on('dialog', (dialog) => { fail(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  return page;
}
