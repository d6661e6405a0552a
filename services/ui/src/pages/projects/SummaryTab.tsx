/** What applications of a project may do: every list of its specification, each edited as rows. */
import { Fragment, useState } from 'react';
import { useCanEach } from '@/api/can';
import { useGet } from '@/api/query';
import { Button, External, Field, Link, Switch, Text, TextInput } from '@/components';
import styles from '../settings/Card.module.css';
import { FormDialog } from '../settings/FormDialog';
import { RowsEditor } from '../settings/RowsEditor';
import { placed, said } from '../settings/refusal';
import { demandsOf } from './demands';
import { IntegrityCard } from './integrity/IntegrityCard';
import { changed, type Detailed, type Project, pathOf } from './model';
import type { Saving } from './saving';
import { SECTIONS, type Section } from './sections';
import { useHeld } from './useHeld';
import { YamlDialog } from './YamlDialog';

interface Props {
  readonly detailed: Detailed;
  readonly saving: Saving;
}

type Editing = Section | 'description' | 'yaml' | undefined;

export function SummaryTab({ detailed, saving }: Props) {
  const [editing, setEditing] = useState<Editing>();
  const project = useHeld(detailed.project, editing !== undefined);
  const close = () => {
    saving.forget();
    setEditing(undefined);
  };
  return (
    <>
      <General
        detailed={detailed}
        saving={saving}
        onEdit={() => setEditing('description')}
        onYaml={() => setEditing('yaml')}
      />
      {SECTIONS.map((section) => (
        <Fragment key={section.id}>
          {section.id === 'signatureKeys' && <IntegrityCard project={detailed.project} saving={saving} />}
          <SectionCard project={project} section={section} saving={saving} onEdit={() => setEditing(section)} />
        </Fragment>
      ))}
      {editing === 'yaml' && <YamlDialog project={project} saving={saving} onClose={close} />}
      {editing === 'description' && <DescriptionDialog project={project} saving={saving} onClose={close} />}
      {typeof editing === 'object' && (
        <SectionDialog project={project} section={editing} saving={saving} onClose={close} />
      )}
    </>
  );
}

interface LinkItem {
  readonly title?: string;
  readonly url?: string;
  readonly description?: string;
}

function General({ detailed, saving, onEdit, onYaml }: Props & { onEdit: () => void; onYaml: () => void }) {
  const { project, globalProjects, repositories, clusters } = detailed;
  const { name } = project.metadata;
  const { data: links } = useGet<{ items?: LinkItem[] | null }>(pathOf(name, '/links'));
  const orphans = project.spec.orphanedResources;
  return (
    <section className={styles.card} aria-label="General">
      <header className={styles.head}>
        <h2>General</h2>
        <div className={styles.actions}>
          <Button small icon="edit" refused={saving.refusal} onClick={onEdit}>
            Edit description
          </Button>
          <Button small icon="edit" refused={saving.refusal} onClick={onYaml}>
            Edit as YAML
          </Button>
        </div>
      </header>
      <p>{project.spec.description ? <Text value={project.spec.description} /> : 'No description.'}</p>
      <dl className={styles.facts}>
        <dt>Applications</dt>
        <dd>
          <Link to={`/applications?proj=${encodeURIComponent(name)}`}>Show those of this project</Link>
        </dd>
        <dt>Inherits from</dt>
        <dd>{(globalProjects ?? []).map((one) => one.metadata.name).join(', ') || 'No global project'}</dd>
        <dt>Its own repositories</dt>
        <dd>
          <Text value={(repositories ?? []).map(({ repo }) => repo).join(', ') || 'None'} />
        </dd>
        <dt>Its own clusters</dt>
        <dd>
          <Text value={(clusters ?? []).map((one) => one.name ?? one.server).join(', ') || 'None'} />
        </dd>
        {(links?.items ?? []).map(({ title, url }) => (
          <div key={`${title}/${url}`} className={styles.fact}>
            <dt>Link</dt>
            <dd>
              <External href={url ?? ''}>{title ?? url ?? ''}</External>
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        label="Only clusters that belong to this project"
        checked={project.spec.permitOnlyProjectScopedClusters ?? false}
        disabled={saving.refusal !== ''}
        hint={saving.refusal}
        onChange={(value) => saving.apply({ permitOnlyProjectScopedClusters: value })}
      />
      <Switch
        label="Look for orphans: objects in the destination’s namespace that nobody manages"
        checked={orphans !== undefined}
        disabled={saving.refusal !== ''}
        hint={saving.refusal || (orphans?.ignore?.length ? 'Switched off, it forgets the exceptions below' : '')}
        onChange={(value) => saving.apply({ orphanedResources: value ? { warn: false } : undefined })}
      />
      {orphans !== undefined && (
        <Switch
          label="Warn of orphans with a condition on the application"
          checked={orphans.warn ?? false}
          disabled={saving.refusal !== ''}
          hint={saving.refusal}
          onChange={(warn) => saving.apply({ orphanedResources: { ...orphans, warn } })}
        />
      )}
    </section>
  );
}

interface CardProps {
  readonly project: Project;
  readonly section: Section;
  readonly saving: Saving;
}

function SectionCard({ project, section, saving, onEdit }: CardProps & { onEdit: () => void }) {
  const rows = section.rows(project.spec);
  const isOff = section.id === 'orphans' && project.spec.orphanedResources === undefined;
  if (isOff) return null;
  return (
    <section className={styles.card} aria-label={section.title}>
      <header className={styles.head}>
        <h2>{section.title}</h2>
        <Button small icon="edit" refused={saving.refusal} onClick={onEdit}>
          Edit
          <span className={styles.hidden}>{` ${section.title}`}</span>
        </Button>
      </header>
      <p className={styles.words}>{section.words}</p>
      {rows.length === 0 ? (
        <p>{typeof section.none === 'string' ? section.none : section.none(project.spec)}</p>
      ) : (
        <div className={styles.scroll}>
          <table className={styles.list}>
            {section.columns.length > 1 && (
              <thead>
                <tr>
                  {section.columns.map(({ key, label }) => (
                    <th key={key} scope="col">
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
            )}
            <tbody>
              {rows.map((row) => (
                <tr key={JSON.stringify(row)}>
                  {section.columns.map(({ key }) => (
                    <td key={key}>
                      <Text value={row[key] ?? ''} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function SectionDialog({ project, section, saving, onClose }: CardProps & { onClose: () => void }) {
  const [rows, setRows] = useState(() => section.rows(project.spec));
  const wanted = changed(project, section.spec(rows, project.spec)).project.spec;
  const rights = useCanEach(demandsOf(project.spec, wanted));
  return (
    <FormDialog
      wide={section.columns.length > 1}
      title={section.title}
      action="Save"
      busy={saving.busy}
      refused={rights.find(({ refusal }) => refusal !== '')?.refusal ?? ''}
      refusal={saving.words ? { field: null, words: saving.words } : null}
      onSubmit={() => saving.save(section.spec(rows, project.spec), onClose, project)}
      onClose={onClose}
    >
      <p>{section.words}</p>
      <RowsEditor noun={section.noun} columns={section.columns} rows={rows} onChange={setRows} />
    </FormDialog>
  );
}

function DescriptionDialog({ project, saving, onClose }: Omit<CardProps, 'section'> & { onClose: () => void }) {
  const [description, setDescription] = useState(project.spec.description ?? '');
  const refused = saving.words ? placed(saving.words, [[/description/, 'description']]) : null;
  return (
    <FormDialog
      title="Description"
      action="Save"
      busy={saving.busy}
      refusal={refused}
      onSubmit={() => saving.save({ description: description.trim() }, onClose, project)}
      onClose={onClose}
    >
      <Field
        label="Description"
        hint={`${description.length} of 255 characters`}
        error={said(refused, 'description') ?? (description.length > 255 ? 'At most 255 characters' : undefined)}
      >
        <TextInput value={description} onChange={setDescription} />
      </Field>
    </FormDialog>
  );
}
