/** The part of a cluster's form that says how it is connected to: who we are there, and how the way is secured. */
import { Checkbox, Field, KeyValues, Select, TextArea, TextInput } from '@/components';
import { type Connection, EXEC_VERSIONS, type Field as Name, problemsOf, WAYS, type Way } from './connection';

interface Props {
  readonly value: Connection;
  readonly onChange: (value: Connection) => void;
  /** Whether what is missing is called wrong already. */
  readonly isTried: boolean;
}

export function ConnectionFields({ value, onChange, isTried }: Props) {
  const problems = problemsOf(value);
  const set = (change: Partial<Connection>) => onChange({ ...value, ...change });
  const wrong = (name: Name) => (isTried || value[name] !== '' ? problems[name] : undefined);
  return (
    <>
      <Field label="Credentials">
        <Select
          value={value.way}
          onChange={(way) => isWay(way) && set({ way })}
          options={Object.entries(WAYS).map(([way, label]) => ({ value: way, label }))}
        />
      </Field>
      <Identity value={value} set={set} wrong={wrong} />
      <Security value={value} set={set} wrong={wrong} />
    </>
  );
}

function isWay(text: string): text is Way {
  return text in WAYS;
}

interface PartProps {
  readonly value: Connection;
  readonly set: (change: Partial<Connection>) => void;
  readonly wrong: (name: Name) => string | undefined;
}

function Identity({ value, set, wrong }: PartProps) {
  switch (value.way) {
    case 'token':
      return (
        <Field label="Bearer token" hint="Of a service account of that cluster" error={wrong('bearerToken')} required>
          <TextInput
            value={value.bearerToken}
            onChange={(bearerToken) => set({ bearerToken })}
            type="password"
            autoComplete="new-password"
          />
        </Field>
      );
    case 'certificate':
      return (
        <>
          <Field label="Client certificate" hint="PEM" error={wrong('certData')} required>
            <TextArea value={value.certData} onChange={(certData) => set({ certData })} rows={4} mono />
          </Field>
          <Field label="Client certificate’s key" hint="PEM" error={wrong('keyData')} required>
            <TextArea value={value.keyData} onChange={(keyData) => set({ keyData })} rows={4} autoComplete="off" mono />
          </Field>
        </>
      );
    case 'password':
      return (
        <>
          <Field label="User name" error={wrong('username')} required>
            <TextInput value={value.username} onChange={(username) => set({ username })} />
          </Field>
          <Field label="Password" error={wrong('password')} required>
            <TextInput
              value={value.password}
              onChange={(password) => set({ password })}
              type="password"
              autoComplete="new-password"
            />
          </Field>
        </>
      );
    case 'aws':
      return <Aws value={value} set={set} wrong={wrong} />;
    case 'exec':
      return <Program value={value} set={set} wrong={wrong} />;
    default:
      return (
        <p>
          Whoever is nobody may do little in a cluster; for one that takes strangers, or a proxy that adds who we are.
        </p>
      );
  }
}

function Aws({ value, set, wrong }: PartProps) {
  return (
    <>
      <Field
        label="Name of the EKS cluster"
        hint="The controllers make tokens for it with their own identity in AWS"
        error={wrong('clusterName')}
        required
      >
        <TextInput value={value.clusterName} onChange={(clusterName) => set({ clusterName })} />
      </Field>
      <Field label="Role" hint="An ARN that is assumed; empty for who they are anyway">
        <TextInput value={value.roleARN} onChange={(roleARN) => set({ roleARN })} mono />
      </Field>
      <Field label="Profile" hint="Of the shared credentials file beside the controllers">
        <TextInput value={value.profile} onChange={(profile) => set({ profile })} />
      </Field>
    </>
  );
}

function Program({ value, set, wrong }: PartProps) {
  return (
    <>
      <Field
        label="Command"
        hint="It runs in the controllers, where their flag --cluster-programs permits it; argocd-k8s-auth aws is built in"
        error={wrong('command')}
        required
      >
        <TextInput value={value.command} onChange={(command) => set({ command })} mono />
      </Field>
      <Field label="Arguments" hint="One on each line">
        <TextArea value={value.args} onChange={(args) => set({ args })} rows={3} mono />
      </Field>
      <KeyValues label="Environment" keyLabel="Variable" pairs={[...value.env]} onChange={(env) => set({ env })} />
      <Field label="API version of what it prints">
        <Select value={value.apiVersion} onChange={(apiVersion) => set({ apiVersion })} options={EXEC_VERSIONS} />
      </Field>
      <Field label="Install hint" hint="Said where the program is missing">
        <TextInput value={value.installHint} onChange={(installHint) => set({ installHint })} />
      </Field>
      <Checkbox
        label="Tell it about the cluster"
        checked={value.provideClusterInfo}
        onChange={(provideClusterInfo) => set({ provideClusterInfo })}
      />
    </>
  );
}

function Security({ value, set, wrong }: PartProps) {
  return (
    <>
      <Checkbox
        label="Do not verify the server"
        hint="Whoever is in between can read and change everything"
        checked={value.insecure}
        onChange={(insecure) => set({ insecure })}
      />
      {!value.insecure && (
        <Field
          label="Certificate authority"
          hint="PEM; empty where one that the system knows vouches for the server"
          error={wrong('caData')}
        >
          <TextArea value={value.caData} onChange={(caData) => set({ caData })} rows={4} mono />
        </Field>
      )}
      <Field label="Name in the server’s certificate" hint="Where it is another than that in the address">
        <TextInput value={value.serverName} onChange={(serverName) => set({ serverName })} mono />
      </Field>
      <Field label="Proxy" hint="http:// or https://" error={wrong('proxyUrl')}>
        <TextInput value={value.proxyUrl} onChange={(proxyUrl) => set({ proxyUrl })} mono />
      </Field>
      <Checkbox
        label="Do not compress answers"
        checked={value.disableCompression}
        onChange={(disableCompression) => set({ disableCompression })}
      />
    </>
  );
}
