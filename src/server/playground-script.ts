/**
 * What the playground's page has beside GraphiQL, as a browser runs it: a menu of stories, each with
 * tabs that fit and are remembered for it alone, and the last items of subscriptions, of which
 * GraphiQL shows one. It wraps what renders GraphiQL, and fetch, through which all items come.
 */

/** Items of subscriptions that stay in view. */
const ITEMS_MAX = 20;

/**
 * GraphiQL learns the operation's name of the tab clicked a moment later, and Run before that fails
 * ("Cannot infer operation", with the other tab's name): Run, by button or keys, waits so long after
 * a click on a tab.
 */
const TAB_SETTLES_MS = 300;

export const PLAYGROUND_STYLE = `
#stories { display: flex; gap: 8px; align-items: center; height: 36px; padding: 0 16px;
  font: 14px system-ui, sans-serif; }
#stories + #root .graphiql-container { height: calc(100vh - 36px); }
#items { position: fixed; right: 0; bottom: 0; width: 38%; max-height: 35vh; overflow: auto;
  z-index: 9; padding: 8px 12px; border-top-left-radius: 8px; background: #1f2937; color: #f3f4f6;
  font: 12px ui-monospace, monospace; }
#items header { display: flex; justify-content: space-between; }
#items pre { margin: 4px 0; white-space: pre-wrap; }
`;

export const PLAYGROUND_SCRIPT = `(() => {
  const element = (name, props, ...children) => {
    const made = Object.assign(document.createElement(name), props);
    made.append(...children);
    return made;
  };
  const keptFor = name => ({
    get length() { return localStorage.length; },
    getItem: key => localStorage.getItem(name + ' ' + key),
    setItem: (key, value) => localStorage.setItem(name + ' ' + key, value),
    removeItem: key => localStorage.removeItem(name + ' ' + key),
    clear: () => {},
  });
  const menu = (stories, shown) => {
    const options = stories.map(({ name }) =>
      element('option', { value: name, textContent: name, selected: name === shown.name }));
    const select = element('select', { id: 'story' }, ...options);
    select.onchange = () => {
      location.search = new URLSearchParams({ story: select.value }).toString();
    };
    const label = element('label', { htmlFor: 'story', textContent: 'Story' });
    return element('nav', { id: 'stories' }, label, select);
  };
  const render = YogaGraphiQL.renderYogaGraphiQL;
  YogaGraphiQL.renderYogaGraphiQL = (root, { stories, ...settings }) => {
    const asked = new URLSearchParams(location.search).get('story');
    const story = stories.find(({ name }) => name === asked) ?? stories[0];
    if (stories.length > 1) root.before(menu(stories, story));
    const storage = story === stories[0] ? {} : { storage: keptFor(story.name) };
    render(root, { ...settings, defaultTabs: story.tabs, ...storage });
  };

  let tabClickedAt = -Infinity;
  const RUN = '.graphiql-execute-button';
  const runLater = event => {
    const wait = tabClickedAt + ${TAB_SETTLES_MS} - performance.now();
    if (wait <= 0) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    setTimeout(() => document.querySelector(RUN).click(), wait);
  };
  addEventListener('click', event => {
    if (event.target.closest('.graphiql-tab')) tabClickedAt = performance.now();
    if (event.target.closest(RUN)) runLater(event);
  }, true);
  addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) runLater(event);
  }, true);

  let list = null;
  const show = text => {
    if (list === null) {
      list = element('ol', {});
      const clear = element('button', { textContent: 'Clear' });
      const head = element('header', {}, element('b', { textContent: 'Last items' }), clear);
      const box = element('aside', { id: 'items' }, head, list);
      clear.onclick = () => { box.remove(); list = null; };
      document.body.append(box);
    }
    list.append(element('li', {}, element('pre', { textContent: text })));
    while (list.children.length > ${ITEMS_MAX}) list.firstElementChild.remove();
    list.lastElementChild.scrollIntoView({ block: 'nearest' });
  };
  const follow = async body => {
    let rest = '';
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + piece).split('\\n\\n');
      rest = events.pop();
      for (const event of events) {
        if (!/^event: next$/m.test(event)) continue;
        const [, json] = /^data: (.*)$/m.exec(event) ?? [];
        const { data, errors } = JSON.parse(json);
        show(new Date().toISOString().slice(11, 23) + ' ' + JSON.stringify(errors ?? data));
      }
    }
  };
  const fetch = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (...args) => {
    const response = await fetch(...args);
    const type = response.headers.get('content-type') ?? '';
    // It ends with what GraphiQL reads: when that is stopped, this is an error nobody needs.
    if (type.startsWith('text/event-stream')) follow(response.clone().body).catch(() => {});
    return response;
  };
})();
`;
