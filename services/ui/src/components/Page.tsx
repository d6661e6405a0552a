/** The frame of a page's content: where one is, what it is called, what may be done. */
import { type ReactNode, useEffect } from 'react';
import { inert } from '@/text/inert';
import { Inert } from '@/text/Text';
import { classes } from './classes';
import { Link } from './Link';
import css from './Page.module.css';

export interface Breadcrumb {
  label: string;
  to: string;
}

export interface PageProps {
  title: string;
  breadcrumbs?: readonly Breadcrumb[];
  /** Beside the title. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** The content fills the window and scrolls by itself. */
  fills?: boolean;
  /** As wide as the window: for pictures and long lists. What is read or filled in is not stretched over 4K. */
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, breadcrumbs = [], aside, actions, fills = false, wide = fills, children }: PageProps) {
  useTitle(title);
  return (
    <div className={classes(css.page, fills && css.fills, !wide && css.bound)}>
      <header className={css.header}>
        <div className={css.names}>
          {breadcrumbs.length > 0 && (
            <nav aria-label="Breadcrumbs">
              <ol className={css.crumbs}>
                {breadcrumbs.map((crumb) => (
                  <li key={crumb.to}>
                    <Link to={crumb.to}>
                      <Inert text={crumb.label} />
                    </Link>
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <div className={css.line}>
            <h1 className={css.title}>
              <Inert text={title} />
            </h1>
            {aside}
          </div>
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.content}>{children}</div>
    </div>
  );
}

/** The title of the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${inert(title)} · Fairlead` : 'Fairlead';
  }, [title]);
}
