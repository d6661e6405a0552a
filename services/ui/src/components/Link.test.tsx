import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { External, safeAddress } from './Link';

test.each(['https://example.com/a?b=c', 'http://10.0.0.1:8080', 'mailto:a@example.com', ' HTTPS://example.com '])(
  '%s may be followed',
  (href) => {
    expect(safeAddress(href)).toBe(href.trim());
  },
);

test.each([
  'javascript:alert(1)',
  ' \u0001javascript:alert(1)',
  'java\nscript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>',
  'vbscript:x',
  'file:///etc/passwd',
  'title|javascript:alert(1)',
  '//evil.example',
  '/relative',
  'http://',
  '',
])('%j is shown as text', (href) => {
  expect(safeAddress(href)).toBeNull();
  render(<External href={href}>words</External>);
  expect(screen.queryByRole('link')).toBeNull();
  expect(screen.getByText('words')).toBeTruthy();
});
