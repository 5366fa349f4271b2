/** The playground in a browser: a menu of stories, history and explorer, items that stay in view. */
import { expect, test } from 'vitest';
import { STORY_TABS } from '../../src/graphql/story/story.ts';
import { post } from '../graphql/builder/testing.ts';
import { open, startWithStory } from './browser.ts';

const RUN = '.graphiql-execute-button';
const FAULTING_TABS = STORY_TABS.slice(1, 4);

test('stories, plugins, and what a subscription said', async () => {
  const server = await startWithStory();
  const { page, foreign } = await open(server, '/graphql');
  await page.waitForSelector('.graphiql-tab');
  const tabs = () => page.locator('.graphiql-tab').count();
  const first = STORY_TABS.filter(({ story }) => story === STORY_TABS[0]!.story);
  expect(await tabs()).toBe(first.length);
  expect(await page.locator('#story option').count()).toBe(5);
  const plugins = page.locator('.graphiql-sidebar button');
  const names = await plugins.evaluateAll(all => all.map(button => button.ariaLabel ?? ''));
  expect(names.join()).toMatch(/History/);
  expect(names.join()).toMatch(/Explorer/);

  for (const { query } of FAULTING_TABS) await post(server, query);
  // Run at once: GraphiQL by itself would send the name of the operation of the tab before.
  await page.locator('.graphiql-tab button', { hasText: 'Handle' }).evaluate((tab, run) => {
    (tab as HTMLElement).click();
    document.querySelector<HTMLElement>(run)!.click();
  }, RUN);
  await page.waitForSelector('#items li');
  await page.locator(RUN).click();
  await page.locator(RUN).click();
  // A handler that left: the group comes again, and both items are in view.
  await page.waitForSelector('#items li:nth-child(2)');
  const said = await page.locator('#items li').allTextContents();
  expect(said[0]).toContain('"redelivered":false');
  expect(said[1]).toContain('"redelivered":true');

  // By keys, in the same breath.
  await page.locator('.graphiql-tab button', { hasText: 'Answer' }).evaluate(tab => {
    (tab as HTMLElement).click();
    const keys = { key: 'Enter', code: 'Enter', ctrlKey: true, bubbles: true, cancelable: true };
    document
      .querySelector('.monaco-editor textarea')!
      .dispatchEvent(new KeyboardEvent('keydown', keys));
  });
  await page.waitForSelector('.graphiql-response:has-text("faultWrite")');

  await page.selectOption('#story', 'The wrong group was answered');
  await page.waitForSelector('.graphiql-tab:has-text("GoWrong")');
  expect(await tabs()).toBe(4);
  await page.selectOption('#story', STORY_TABS[0]!.story);
  await page.waitForSelector('.graphiql-tab:has-text("LookAround")');
  expect(await tabs()).toBe(first.length);
  expect(foreign).toEqual([]);
});
