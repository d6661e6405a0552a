/** The images that an application runs, and which other applications run them. */
import { useState } from 'react';
import { useGet } from '@/api';
import type { ImagePage, ImagesAnswer } from '@/api/schema';
import { Badge, Button, Copy, Empty, Failed, Health, Link, Loading, Sync, Text, TextInput } from '@/components';
import { applicationPath } from '@/routing';
import { counted } from '@/text/quantity';
import type { SlotProps } from '../slots';
import { namedOf } from '../sync/named';
import css from './images.module.css';

/** Applications shown at first, and at most. */
const PAGE = 50;
const MOST = 500;
/** Milliseconds after which what runs is asked for again. */
const AGAIN = 30_000;

export function ImagesTab({ application }: SlotProps) {
  const { name, namespace, project } = namedOf(application);
  const [words, setWords] = useState('');
  const found = useGet<ImagesAnswer>(
    '/api/v1/images',
    { application: name, appNamespace: namespace, project },
    { refetchInterval: AGAIN },
  );
  if (found.isPending) return <Loading />;
  if (found.isError && !found.data)
    return <Failed what="The list of images" error={found.error} retry={() => void found.refetch()} />;
  const items = found.data?.items ?? [];
  const shown = items.filter((item) => (item.image ?? '').toLowerCase().includes(words.toLowerCase()));
  return (
    <div className={css['tab']}>
      {items.length > 8 && (
        <TextInput
          type="search"
          aria-label="Find in images"
          placeholder="Find in images"
          value={words}
          onChange={setWords}
        />
      )}
      {items.length === 0 ? (
        <Empty title="No images">Nothing of this application runs a container now.</Empty>
      ) : (
        <ul className={css['images']} aria-label="Images">
          {shown.map((item) => (
            <li key={item.image}>
              <One
                image={item.image ?? ''}
                others={item.others ?? 0}
                tags={item.otherTags ?? 0}
                own={`${namespace}/${name}`}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function One({ image, others, tags, own }: { image: string; others: number; tags: number; own: string }) {
  const [how, setHow] = useState<'' | 'same' | 'any'>('');
  const any = withoutTag(image);
  return (
    <section className={css['image']} aria-label={image}>
      <header className={css['head']}>
        <code>
          <Text value={image} />
        </code>
        <Copy text={image} what="the image" />
        <Badge>{others === 0 ? 'only here' : `also in ${counted(others, 'application')}`}</Badge>
        {tags > 0 && <Badge tone="warn">{`another tag in ${counted(tags, 'application')}`}</Badge>}
      </header>
      <div className={css['acts']}>
        <Button small aria-expanded={how === 'same'} onClick={() => setHow(how === 'same' ? '' : 'same')}>
          Where else it runs
        </Button>
        {any !== image && (
          <Button small aria-expanded={how === 'any'} onClick={() => setHow(how === 'any' ? '' : 'any')}>
            With any tag
          </Button>
        )}
      </div>
      {how !== '' && <Elsewhere key={how} image={how === 'same' ? image : any} own={own} />}
    </section>
  );
}

/** The name of an image without its tag and digest; a colon before a slash is a port. */
export function withoutTag(image: string): string {
  const name = image.split('@')[0] ?? image;
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

function Elsewhere({ image, own }: { image: string; own: string }) {
  const [limit, setLimit] = useState(PAGE);
  const found = useGet<ImagePage>('/api/v1/search/images', { image, offset: 0, limit });
  if (found.isPending) return <Loading lines={2} />;
  if (found.isError)
    return <Failed what="Looking for where else it runs" error={found.error} retry={() => void found.refetch()} />;
  const items = (found.data.items ?? []).filter((item) => item.key !== own);
  if (items.length === 0) return <p className={css['none']}>No other application that you may see runs it.</p>;
  return (
    <>
      <ul className={css['elsewhere']} aria-label={`Applications with ${image}`}>
        {items.map((item) => (
          <li key={item.key}>
            <Link to={applicationPath(item.namespace ?? '', item.name ?? '')}>
              <Text value={item.name ?? ''} />
            </Link>
            <span className={css['none']}>
              <Text value={item.project ?? ''} />
            </span>
            {item.sync && <Sync status={item.sync} />}
            {item.health && <Health status={item.health} />}
            <span className={css['tags']}>
              {(item.images ?? [])
                .filter((one) => withoutTag(one) === withoutTag(image))
                .map((one) => (
                  <code key={one}>
                    <Text value={one.slice(withoutTag(one).length + 1) || 'no tag'} />
                  </code>
                ))}
            </span>
          </li>
        ))}
      </ul>
      {(found.data.total ?? 0) > limit &&
        (limit < MOST ? (
          <Button small onClick={() => setLimit(Math.min(limit + PAGE, MOST))}>
            Show more
          </Button>
        ) : (
          <Link to={`/applications?search=${encodeURIComponent(image)}`}>Find all of them in the list</Link>
        ))}
    </>
  );
}
