/** The Chromium that shows the page to tests and benchmarks. */
import { existsSync } from 'node:fs';

/** Where Debian's package puts it; the environment's CHROMIUM names another. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export function hasChromium(): boolean {
  return existsSync(CHROMIUM);
}
