/** A dialog of the browser's own: it keeps the focus, and Escape closes it. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../data/server.ts';
import { closeDialog } from '../state/open.ts';
import { Icon } from './icons.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** One that must be answered has no button to close it. */
  readonly closable?: boolean;
}

export function Dialog({ title, onClose, children, closable = true }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before it is painted: what is typed next is typed into it.
  useLayoutEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onClose={onClose}
      // The browser would close it now and say so later: a key in between would be nobody's.
      onCancel={event => {
        event.preventDefault();
        if (closable) onClose();
      }}
    >
      <h2 class="dialog-title" id={id}>
        {title}
      </h2>
      {children}
      {/* Last, so that the focus begins with what the dialog is for. */}
      {closable && (
        <button type="button" class="icon-button dialog-close" onClick={onClose}>
          <Icon name="close" />
          <span class="hidden">Close</span>
        </button>
      )}
    </dialog>
  );
}

interface FormDialogProps extends Omit<DialogProps, 'onClose'> {
  readonly onClose?: () => void;
  /** What its button says. */
  readonly button: string;
  /** What its button does; why it fails is said above it. */
  readonly act: () => Promise<void>;
}

/** A dialog that asks for something, and does it. */
export function FormDialog({
  button,
  act,
  children,
  onClose = closeDialog,
  ...rest
}: FormDialogProps) {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Dialog {...rest} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault();
          act().catch(error => setProblem(wordsOf(error)));
        }}
      >
        {children}
        {problem !== null && (
          <p class="bad" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-end">
          <button type="submit" class="button primary">
            {button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
