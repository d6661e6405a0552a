/** Links that administrators configured for objects like this one, and those that the object names itself. */
import { useGet } from '@/api';
import type { LinksResponse } from '@/api/schema';
import { External, Text } from '@/components';
import { objectAt } from '@/kubernetes/json';
import { below, named } from '../requests';
import type { Shown } from '../useShown';
import css from './Summary.module.css';

const OWN = /^link\.argocd\.argoproj\.io\//;

interface Link {
  readonly title: string;
  readonly url: string;
  readonly description: string;
}

export function Links({ shown }: { shown: Shown }) {
  const { owner, key, version, live, family } = shown;
  const { data } = useGet<LinksResponse>(live ? below(owner, 'resource/links') : null, named(owner, key, version));
  const configured = (data?.items ?? []).map(({ title = '', url = '', description = '' }) => ({
    title,
    url,
    description,
  }));
  const outside = (family.node?.networkingInfo?.externalURLs ?? []).map((url) => ({
    title: url,
    url,
    description: '',
  }));
  const links = [...ownOf(shown), ...configured, ...outside].filter(
    (link, at, all) => link.url !== '' && all.findIndex((other) => other.url === link.url) === at,
  );
  if (links.length === 0) return null;
  return (
    <section>
      <h3 className={css.heading}>Links</h3>
      <ul className={css.relatives}>
        {links.map((link) => (
          <li key={`${link.title} ${link.url}`} className={css.relative}>
            <External href={link.url}>{link.title || link.url}</External>
            {link.description && <Text value={link.description} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `link.argocd.argoproj.io/…` annotations: a url, or a title and a url with `|` between them. */
function ownOf({ live }: Shown): Link[] {
  return Object.entries(objectAt(live ?? undefined, 'metadata', 'annotations'))
    .filter(([name, value]) => OWN.test(name) && typeof value === 'string')
    .map(([name, value]) => {
      const [first = '', second] = String(value).split('|');
      const title = second === undefined ? name.replace(OWN, '') : first.trim();
      return { title, url: (second ?? first).trim(), description: '' };
    });
}
