/** Wrong: what was taken out of the table is still cached, and devices go on using it. */
import { unmapPage } from './machine.ts';

export { rightHandler } from './right.ts';

export async function evictInTableOnly(url: string, iova: bigint): Promise<void> {
  await unmapPage(url, iova);
}
