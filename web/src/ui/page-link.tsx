/** A link to another address of the page, which is opened without loading the page again. */
import type { ComponentChildren } from 'preact';
import { openLink } from '../state/go.ts';

interface PageLinkProps {
  readonly path: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function PageLink({ path, class: name, children }: PageLinkProps) {
  return (
    <a
      href={path}
      class={name}
      onClick={event => {
        event.preventDefault();
        void openLink(path);
      }}
    >
      {children}
    </a>
  );
}
