import { describe, expect, it } from 'vitest';
import { sshEntries, tlsEntry } from './entries';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';

describe('certificates as they are pasted', () => {
  it('are of one server, in base64', () => {
    const { entries } = tlsEntry(' git.example ', PEM);
    expect(entries).toEqual([{ serverName: 'git.example', certType: 'https', certData: btoa(`${PEM}\n`) }]);
    expect(tlsEntry('', PEM).problem).not.toBe('');
    expect(tlsEntry('git.example', 'nothing').problem).toContain('-----BEGIN CERTIFICATE-----');
  });

  it('are known hosts line by line, one for each host', () => {
    const { entries, problem } = sshEntries(
      '# scanned\ngit.example,10.0.0.1 ssh-ed25519 AAAA\n\n[git.example]:22 ssh-rsa BBBB comment\n',
    );
    expect(problem).toBe('');
    expect(entries.map(({ serverName, certSubType }) => `${serverName} ${certSubType}`)).toEqual([
      'git.example ssh-ed25519',
      '10.0.0.1 ssh-ed25519',
      '[git.example]:22 ssh-rsa',
    ]);
    expect(entries[2]?.certData).toBe(btoa('BBBB'));
  });

  it('name the line that cannot be read', () => {
    expect(sshEntries('git.example ssh-rsa AAAA\nrubbish').problem).toContain('Line 2');
    expect(sshEntries('|1|abc= ssh-rsa AAAA').problem).toContain('Line 1');
    expect(sshEntries('# nothing').problem).not.toBe('');
  });
});
