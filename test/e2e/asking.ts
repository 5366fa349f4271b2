/** Clients that send generated documents: what they give and what they get is typed. */
import { expect } from 'vitest';
import {
  MakeFaultingDocument,
  PageRequestDocument,
  type PageRequestInput,
} from '../../src/operations/operations.ts';
import type { Hex, TypedDocument, VariablesOf } from '../../src/operations/typed-document.ts';
import { type Json, PCI, post } from '../graphql/builder/testing.ts';

/** A text as a document: a tab of the playground, or one that must be refused. */
export function untyped(text: string): TypedDocument<Record<string, Json>, object> {
  return text as TypedDocument<Record<string, Json>, object>;
}

/** Posts one operation; there must be no errors. */
export async function ask<Answer, Variables extends object>(
  server: { url: string },
  document: TypedDocument<Answer, Variables>,
  ...[variables]: VariablesOf<Variables>
): Promise<Answer> {
  const { status, data, errors } = await post(server, document, { ...variables });
  expect(errors, document).toEqual([]);
  expect(status).toBe(200);
  return data as Answer;
}

/** A document of one kernel mutation, which gives its payload or KernelError. */
type MutationDocument<Member, Input> = TypedDocument<
  { readonly result: Member | null },
  { readonly input: Input }
>;

/** The payload or the refusal, whichever came. */
export async function mutate<Member, Input>(
  server: { url: string },
  document: MutationDocument<Member, Input>,
  input: Input,
): Promise<Member> {
  return (await ask(server, document, { input })).result!;
}

type Payload<Member> = Exclude<Member, { readonly errno: string | null }>;

/** As `mutate`, and the kernel must not refuse. */
export async function succeed<Member extends object, Input>(
  server: { url: string },
  document: MutationDocument<Member, Input>,
  input: Input,
): Promise<Payload<Member>> {
  const member = await mutate(server, document, input);
  expect(member).not.toHaveProperty('errno');
  return member as Payload<Member>;
}

/** Of a new machine: its function 0000:01:00.0 sends page requests to fault queue 4 of context 1. */
export async function makeFaulting(server: { url: string }): Promise<void> {
  const made = await ask(server, MakeFaultingDocument, { bdf: PCI });
  expect(made).toMatchObject({
    contextOpen: { contextId: 1 },
    deviceBind: { outDevId: 1 },
    faultQueueAlloc: { outFaultId: 4 },
    deviceAttach: { outPtId: 5 },
  });
}

const page = (number: number): Hex => `0x${(0x1000 * number).toString(16)}`;

/** The function sends groups, each of `pages` requests; `grpid` counts up from `first`. */
export async function sendGroups(
  server: { url: string },
  count: number,
  { first = 0, pages = 1 } = {},
): Promise<void> {
  const inputs: PageRequestInput[] = [];
  for (let group = 0; group < count; group++) {
    for (let place = 1; place <= pages; place++) {
      inputs.push({
        bdf: PCI,
        grpid: first + group,
        perm: ['IOMMU_PGFAULT_PERM_READ'],
        addr: page(group * pages + place),
        lastPage: place === pages,
      });
    }
  }
  for (const input of inputs) {
    expect(await mutate(server, PageRequestDocument, input)).toEqual({ outcome: 'REPORTED' });
  }
}
