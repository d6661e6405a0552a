import { describe, expect, it } from 'vitest';
import { EMPTY, formsOf, integrityOf, problemsOf, unknownKeys } from './policies';

const KEY = 'D56C4FCA57A46444';
const FORM = { repos: ['https://git.example/shop/*'], mode: 'head', keys: [KEY] } as const;

describe('signature policies', () => {
  it('are read and written again', () => {
    const sourceIntegrity = {
      git: { policies: [{ repos: [{ url: 'https://git.example/shop/*' }], gpg: { mode: 'head', keys: [KEY] } }] },
    };
    expect(formsOf({ sourceIntegrity })).toEqual([FORM]);
    expect(integrityOf(formsOf({ sourceIntegrity }))).toEqual(sourceIntegrity);
  });

  it('leave the field out where none is left', () => {
    expect(integrityOf([])).toBeUndefined();
    expect(formsOf({})).toEqual([]);
  });

  it('take no blanks and no empty rows along', () => {
    expect(integrityOf([{ ...FORM, repos: [' a ', ''], keys: ['', ` ${KEY}`] }])?.git?.policies?.[0]).toEqual({
      repos: [{ url: 'a' }],
      gpg: { mode: 'head', keys: [KEY] },
    });
  });

  it('say what makes them deploy or guard nothing', () => {
    expect(problemsOf(FORM, [])).toEqual({});
    expect(Object.keys(problemsOf(EMPTY, []))).toEqual(['repos', 'keys']);
    expect(problemsOf({ ...FORM, repos: ['!a'] }, []).repos).toContain('only takes');
    expect(problemsOf(FORM, [FORM]).repos).toContain('Another policy');
    expect(problemsOf({ ...FORM, keys: ['xyz'] }, []).keys).toContain('xyz is no key');
    expect(problemsOf({ ...FORM, mode: 'none', keys: [] }, [])).toEqual({});
    for (const key of ['ssh.ann', 'cosign.ci', 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU', 'a'.repeat(40)]) {
      expect(problemsOf({ ...FORM, keys: [key] }, [])).toEqual({});
    }
  });

  it('say which keys the server does not have', () => {
    const known = [{ keyID: KEY, fingerprint: 'F'.repeat(40) }];
    expect(unknownKeys({ ...FORM, keys: [KEY.toLowerCase(), 'f'.repeat(40), 'ssh.ann'] }, known)).toEqual(['ssh.ann']);
  });
});
