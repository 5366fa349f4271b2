/** The page containers of a context: made with an area, gone with the last one. */
import type { MachineState } from '../../machine/state.ts';
import { notePages } from '../../memory/mapped-note.ts';
import { isPresent } from '../../memory/process-memory.ts';
import type { Area, IommufdContext, IoptPages } from '../state.ts';

export function addPages(state: MachineState, context: IommufdContext, pages: IoptPages): void {
  const { pagesId, source } = pages;
  context.pages.set(pagesId, pages);
  context.nextPagesId = pagesId + 1;
  if (source !== null) context.foreignPages.add(pagesId);
  notePages(state, context, pages, 1);
}

export function removePages(state: MachineState, context: IommufdContext, pages: IoptPages): void {
  context.pages.delete(pages.pagesId);
  context.foreignPages.delete(pages.pagesId);
  notePages(state, context, pages, -1);
}

/** Of what the context was opened with: as long as nothing changes that, it is what is there. */
export function wasPresent(
  { process: opener }: IommufdContext,
  { userVa, start, last }: Area,
  writable: boolean,
): boolean {
  return isPresent(opener.memory, userVa, last - start + 1n, writable);
}
