/** What the keys do on this page. */
import { Dialog } from './Dialog';
import css from './KeysOverlay.module.css';
import { useOffered } from './keys';

const NAMES: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
  Escape: 'Esc',
};

export function KeysOverlay({ onClose }: { onClose: () => void }) {
  const offered = useOffered();
  const scopes = [...new Set(offered.map(({ scope }) => scope))];
  return (
    <Dialog title="Keys" onClose={onClose}>
      {scopes.toReversed().map((scope) => (
        <section key={scope}>
          <h3>{scope}</h3>
          <dl className={css.keys}>
            {offered
              .filter((one) => one.scope === scope)
              .flatMap(({ shortcuts }) => Object.entries(shortcuts))
              .map(([keys, { label }]) => (
                <div key={keys} className={css.pair}>
                  <dt>
                    {keys.split(keys === ' ' ? '' : ' ').map((key) => (
                      <kbd key={key}>{NAMES[key] ?? key}</kbd>
                    ))}
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
