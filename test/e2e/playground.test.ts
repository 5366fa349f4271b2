/** The playground's tabs, run from left to right as the playground does. */
import { expect, test } from 'vitest';
import { STORY_TABS } from '../../src/graphql/story/story.ts';
import { at, type Json, post, start } from '../graphql/builder/testing.ts';
import { untyped } from './asking.ts';
import { subscribeSse } from './subscriber.ts';

/** Runs each tab; a subscription is ended when the next tab runs. Gives the answers by tab. */
async function runTabs(server: { url: string }): Promise<Map<string, Json>> {
  const answers = new Map<string, Json>();
  let stop = () => {};
  for (const { query } of STORY_TABS) {
    stop();
    const [, kind, name] = /^(query|mutation|subscription) (\w+)/m.exec(query)!;
    if (kind === 'subscription') {
      const subscription = await subscribeSse(server, untyped(query));
      stop = () => subscription.stop();
      answers.set(name!, { iopfGroups: await subscription.next('iopfGroups') });
    } else {
      const { data, errors } = await post(server, query);
      expect({ name, errors }).toEqual({ name, errors: [] });
      answers.set(name!, data);
    }
  }
  return answers;
}

/** Results of operations that the kernel refused. */
function refusals(answers: ReadonlyMap<string, Json>): Json[] {
  return [...answers.values()].flatMap(answer =>
    Object.values(answer as { [key: string]: Json }).filter(
      result => typeof result === 'object' && result !== null && 'errno' in result,
    ),
  );
}

test('every tab does what it tells, also the second time', async () => {
  const server = await start();
  for (const deleted of [false, true]) {
    const answers = await runTabs(server);
    expect([...answers.keys()]).toEqual([
      'LookAround',
      'Build',
      'Nest',
      'Fault',
      'Handle',
      'Answer',
      'TakeBack',
      'LookBack',
      'FindAHazard',
      'TwoKernels',
      'CompareKernels',
      'GoWrong',
      'AskWhy',
      'AnswerRight',
      'CompareAnswers',
      'CopyMake',
      'CopyRead',
      'CopyAnswer',
      'CopyForget',
      'CopyWalk',
    ]);
    expect(refusals(answers)).toEqual([]);
    expect(at(answers.get('Build')!, 'machineDelete')).toBe(deleted);
    expect(at(answers.get('Handle')!, 'iopfGroups')).toMatchObject({
      kind: 'DELIVERED',
      redelivered: false,
      iopfGroup: { cookie: 1, messages: [{}, {}, {}] },
    });
    expect(at(answers.get('Answer')!, 'faultWrite')).toMatchObject({ bytes: 8 });
    const told = JSON.stringify(at(answers.get('TakeBack')!, 'deviceReplace', 'events'));
    expect(told).toContain('group index 8 INVALID');
    expect(told).toContain('IOPF feature OFF');
    const lookBack = answers.get('LookBack')!;
    expect(at(lookBack, 'now', 'pciDevice', 'iopfFeature')).toBe(false);
    // As its text says: the moment the third page request arrived, two wait for it.
    expect(at(lookBack, 'then', 'pciDevice')).toMatchObject({
      iopfFeature: true,
      partialRequests: [{ addr: '0x10000' }, { addr: '0x11000' }],
    });
    const [, , third] = JSON.stringify(answers.get('Fault')).match(
      /"seq":\d+,"layer":"HARDWARE"/g,
    )!;
    expect(third).toContain(`"seq":${at(lookBack, 'then', 'seq')},`);
    expect(at(answers.get('GoWrong')!, 'right')).toBe(deleted);
    const why = at(answers.get('AskWhy')!, 'machine', 'firstWhere', 'operation');
    expect(why).toMatchObject({ command: 'FaultWrite', number: 12 });
    const steps = at(answers.get('AnswerRight')!, 'whatIf', 'rerun', 'steps', 'edges') as Json[];
    expect(steps.map(step => at(step, 'node', 'recorded', 'number'))).toEqual([12, 13]);
    expect(at(answers.get('CompareAnswers')!, 'diff', 'changeCount')).toBe(4);
    expect(at(answers.get('CopyMake')!, 'deviceRun', 'state')).toBe('WAITING');
    expect(at(answers.get('CopyRead')!, 'iopfGroups', 'iopfGroup', 'messages')).toEqual([
      { grpid: 0, perm: ['IOMMU_PGFAULT_PERM_WRITE'], addr: '0x40001000' },
    ]);
    const arrived = at(answers.get('CopyAnswer')!, 'faultWrite', 'machine', 'context', 'memoryAt');
    expect(arrived).toBe('1122334455667788');
    expect(at(answers.get('CopyForget')!, 'whatIf', 'machine')).toMatchObject({
      hazards: [{ name: 'SUCCESS_WITHOUT_MAPPING', plantedSeq: 35 }],
      pciDevice: { program: { state: 'WAITING' }, dmas: [{ retries: 1, iova: '0x40001000' }] },
      context: { memoryAt: '0000000000000000' },
    });
    const walked = at(answers.get('CopyWalk')!, 'machine', 'pciDevice', 'translate', 'walk');
    expect((at(walked, 'steps') as Json[]).at(-1)).toMatchObject({ fault: 'NOT_PRESENT' });
  }
});

test('a group nobody answered comes again when its tab runs again', async () => {
  const server = await start();
  for (const { query } of STORY_TABS.slice(0, 4)) await post(server, query);
  const handle = untyped(STORY_TABS[4]!.query);
  const first = await subscribeSse(server, handle);
  await first.next('iopfGroups');
  first.stop();
  const second = await subscribeSse(server, handle);
  const news = await second.next('iopfGroups');
  expect(news).toMatchObject({ redelivered: true, iopfGroup: { cookie: 1 } });
});

test('a tab shows its step’s text as comments, in lines a screen can show', () => {
  for (const { name, query } of STORY_TABS) {
    const tooLong = `# ${name}\n${query}`.split('\n').filter(line => line.length > 70);
    expect({ name, tooLong }).toEqual({ name, tooLong: [] });
    expect(query).toMatch(/^#\n(# \S.*\n)+\n(query|mutation|subscription) \w+/);
  }
});
