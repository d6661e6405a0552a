import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { Text } from '@/text/Text';
import { Button, IconButton } from './Button';
import { Icon } from './Icon';
import css from './Toast.module.css';
import { toast } from './toasts';

/** Where toasts are shown: above everything, dialogs too. */
export function Toasts() {
  const shown = useSyncExternalStore(toast.subscribe, () => toast.shown);
  const region = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = region.current;
    if (!element?.showPopover) return;
    if (element.matches(':popover-open')) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown]);
  return (
    <section ref={region} popover="manual" aria-label="Messages" className={css.region}>
      <div aria-live="polite" className={css.list}>
        {shown.map(({ id, kind, text, action }) => (
          <div key={id} className={css.toast} data-kind={kind} role={kind === 'failed' ? 'alert' : undefined}>
            <Icon name={kind === 'ok' ? 'check' : 'alert'} />
            <div className={css.text}>
              <Text value={text} lines={8} />
            </div>
            {action && (
              <Button small kind="quiet" onClick={action.onSelect}>
                {action.label}
              </Button>
            )}
            <IconButton icon="close" label="Close the message" onClick={() => toast.close(id)} />
          </div>
        ))}
      </div>
    </section>
  );
}
