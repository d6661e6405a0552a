/** Ways to other places: `Link` to our own pages, `External` to wherever somebody's data points. */
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react';
import { Link as RouteLink } from 'wouter';
import { inert } from '@/text/inert';
import { Icon } from './Icon';
import css from './Link.module.css';

type Anchor = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'className' | 'style'>;

export interface LinkProps extends Anchor {
  /** A path below the base. */
  to: string;
  className?: string | undefined;
  children: ReactNode;
  ref?: Ref<HTMLAnchorElement> | undefined;
}

export function Link({ to, ref, ...rest }: LinkProps) {
  return <RouteLink href={to} ref={ref ?? null} {...rest} />;
}

const SAFE = new Set(['http:', 'https:', 'mailto:']);

/** The address if a browser may go there, or null: scripts, data and files are no places. */
export function safeAddress(href: string): string | null {
  const trimmed = href.trim();
  if (!/^(https?:\/\/|mailto:)/i.test(trimmed)) return null;
  try {
    return SAFE.has(new URL(trimmed).protocol) ? trimmed : null;
  } catch {
    return null;
  }
}

export interface ExternalProps extends Anchor {
  href: string;
  children?: ReactNode;
  /** Without the sign that it leaves the page. */
  plain?: boolean;
}

/** A link to another site; what is no address that is safe to follow is shown as text. */
export function External({ href, children, plain = false, ...rest }: ExternalProps) {
  const address = safeAddress(href);
  const shown = children ?? href;
  const words = typeof shown === 'string' ? inert(shown) : shown;
  if (address === null) return <bdi className={css.text}>{words}</bdi>;
  return (
    <a {...rest} href={address} target="_blank" rel="noopener noreferrer" className={css.external}>
      <bdi>{words}</bdi>
      {!plain && <Icon name="external" size={12} />}
    </a>
  );
}
