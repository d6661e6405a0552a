/** A text field that offers values: given ones, or such as the server finds for what is typed. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import css from './Combobox.module.css';
import { classes } from './classes';
import { useField } from './Field';
import { useFloat } from './float';
import type { Option } from './Input';
import input from './Input.module.css';

export interface ComboboxProps {
  value: string;
  onChange: (value: string) => void;
  options?: readonly (Option | string)[];
  /** Finds options for what is typed; the last answer counts. */
  load?: (typed: string, signal: AbortSignal) => Promise<readonly (Option | string)[]>;
  placeholder?: string;
  disabled?: boolean;
  /** Its name where it stands outside a `Field`. */
  'aria-label'?: string;
}

/** Options shown at once. */
const SHOWN = 100;
/** Milliseconds of rest in typing before the server is asked. */
const PAUSE = 150;

export function Combobox({
  value,
  onChange,
  options = [],
  load,
  placeholder,
  disabled = false,
  ...rest
}: ComboboxProps) {
  const tie = useField(undefined);
  const list = useId();
  const anchor = useRef<HTMLInputElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [isTyped, setTyped] = useState(false);
  const loaded = useLoaded(load, value, isOpen);
  const offered = matching(load ? loaded.options : options, load || !isTyped ? '' : value);
  const isShown = isOpen && !disabled && (offered.length > 0 || loaded.words !== '');
  useFloat(anchor, popup, isShown);

  const take = (option: Option) => {
    onChange(option.value);
    setOpen(false);
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (offered.length > 0) setAt((now) => (now + step + offered.length) % offered.length);
    } else if (event.key === 'Enter' && isShown) {
      const option = offered[at];
      if (option === undefined) return;
      event.preventDefault();
      take(option);
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <>
      <input
        {...tie}
        {...rest}
        ref={anchor}
        role="combobox"
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && at >= 0 ? `${list}-${at}` : undefined}
        className={input.control}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        onChange={(event) => {
          onChange(event.target.value);
          setTyped(true);
          setOpen(true);
          setAt(-1);
        }}
        onFocus={() => setTyped(false)}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div ref={popup} popover="manual" className={css.popup} onPointerDown={(event) => event.preventDefault()}>
        {loaded.words && <div className={css.words}>{loaded.words}</div>}
        <div id={list} role="listbox" aria-label={rest['aria-label'] ?? 'Values'}>
          {isShown &&
            offered.map((option, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text field's.
              <div
                key={option.value}
                id={`${list}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                className={classes(css.option, index === at && css.active)}
                onClick={() => take(option)}
              >
                <bdi>{option.label ?? option.value}</bdi>
                {option.hint && <span className={css.hint}>{option.hint}</span>}
              </div>
            ))}
        </div>
      </div>
    </>
  );
}

function matching(options: readonly (Option | string)[], typed: string): Option[] {
  const wanted = typed.toLowerCase();
  const found: Option[] = [];
  for (const one of options) {
    const option = typeof one === 'string' ? { value: one } : one;
    if (!`${option.label ?? ''} ${option.value}`.toLowerCase().includes(wanted)) continue;
    found.push(option);
    if (found.length === SHOWN) break;
  }
  return found;
}

interface Loaded {
  options: readonly (Option | string)[];
  words: string;
}

function useLoaded(load: ComboboxProps['load'], typed: string, isOpen: boolean): Loaded {
  const [found, setFound] = useState<Loaded>({ options: [], words: '' });
  const latest = useRef(load);
  latest.current = load;
  const has = load !== undefined;
  useEffect(() => {
    if (!isOpen || !has) return;
    const aborter = new AbortController();
    const timer = setTimeout(() => {
      setFound((before) => ({ options: before.options, words: before.options.length ? '' : 'Searching…' }));
      latest.current?.(typed, aborter.signal).then(
        (options) => !aborter.signal.aborted && setFound({ options, words: options.length ? '' : 'Nothing found' }),
        (error: unknown) => {
          if (aborter.signal.aborted) return;
          setFound({ options: [], words: error instanceof Error ? error.message : 'Not found out' });
        },
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [typed, isOpen, has]);
  return found;
}
