/** Whatever dialog is open. */
import { connection } from '../data/server.ts';
import { openDialog } from '../state/open.ts';
import { BookmarkDialog } from './bookmark-dialog.tsx';
import { CommandsDialog, KeysDialog } from './commands-dialog.tsx';
import { ForkDialog } from './fork-dialog.tsx';
import { GotoDialog } from './goto-dialog.tsx';
import { RedriveDialog } from './redrive-dialog.tsx';
import { TokenDialog } from './token-dialog.tsx';

export function OpenDialog() {
  const now = connection.value;
  if (now.state === 'REFUSED') return <TokenDialog reason={now.reason} />;
  switch (openDialog.value) {
    case 'commands':
      return <CommandsDialog />;
    case 'keys':
      return <KeysDialog />;
    case 'goto':
      return <GotoDialog />;
    case 'fork':
      return <ForkDialog />;
    case 'redrive':
      return <RedriveDialog />;
    case 'bookmark':
      return <BookmarkDialog />;
    case null:
      return null;
  }
}
