/** Starts the page at the address it was opened with. */
import { render } from 'preact';
import { App } from './app.tsx';
import { wordsOf } from './data/server.ts';
import { openUrl } from './state/go.ts';
import { listenToKeys } from './state/keyboard.ts';
import { notice } from './state/notice.ts';
import { keepAddress } from './state/place.ts';
import { keepTrail } from './state/trail.ts';
import { keepTimeline } from './timeline/timeline-data.ts';
import { loadAhead } from './ui/later.ts';

const open = () => {
  openUrl(new URL(location.href)).catch(error => {
    notice.value = wordsOf(error);
  });
};

render(<App />, document.getElementById('page')!);
open();
keepAddress();
listenToKeys();
keepTrail();
keepTimeline();
loadAhead();
addEventListener('popstate', open);
