import { expect, it } from 'vitest';
import { withoutTag } from './ImagesTab';

it.each([
  ['nginx', 'nginx'],
  ['nginx:1.27', 'nginx'],
  ['registry:5000/web', 'registry:5000/web'],
  ['registry:5000/web:2@sha256:ab', 'registry:5000/web'],
])('%s without its tag is %s', (image, name) => {
  expect(withoutTag(image)).toBe(name);
});
