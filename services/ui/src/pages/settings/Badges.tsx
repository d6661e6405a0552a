/** The badge of an application or project, and the snippets that put it into a page. */
import { addressOf, basePath } from '@/api/base';
import { useGet } from '@/api/query';
import { Copy, Empty, Loading } from '@/components';
import styles from './Badges.module.css';

interface Props {
  /** What the badge is of: `name=web&namespace=argocd`, `project=team`. */
  readonly query: string;
  /** The page that the badge leads to. */
  readonly link: string;
}

interface BadgeSettings {
  readonly url?: string;
  readonly statusBadgeEnabled?: boolean;
  readonly statusBadgeRootUrl?: string;
}

export function Badges({ query, link }: Props) {
  const { data } = useGet<BadgeSettings>('/api/v1/settings');
  if (data === undefined) return <Loading />;
  if (!data.statusBadgeEnabled)
    return (
      <Empty title="Badges are switched off">
        With <code>statusbadge.enabled: "true"</code> in <code>argocd-cm</code> anybody, logged in or not, may see
        health and sync status as a picture.
      </Empty>
    );
  const own = (data.url ?? `${window.location.origin}${basePath}`).replace(/\/$/, '');
  const image = `${(data.statusBadgeRootUrl ?? own).replace(/\/$/, '')}/api/badge?${query}`;
  const page = `${own}${link}`;
  const snippets = [
    { label: 'Address', text: image },
    { label: 'Markdown', text: `[![Status](${image})](${page})` },
    { label: 'HTML', text: `<a href="${escaped(page)}"><img src="${escaped(image)}" alt="Status"></a>` },
    { label: 'reStructuredText', text: `.. image:: ${image}\n   :alt: Status\n   :target: ${page}` },
  ];
  return (
    <>
      <p>
        <img src={addressOf(`/api/badge?${query}`)} alt="Health and sync status, as a badge" height={20} />
      </p>
      {snippets.map(({ label, text }) => (
        <section key={label} aria-label={label}>
          <h3 className={styles.label}>
            {label} <Copy text={text} />
          </h3>
          <pre className={styles.snippet}>{text}</pre>
        </section>
      ))}
    </>
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
