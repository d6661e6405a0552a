/** Our own signs: 16 × 16, drawn in strokes of the text's colour. */
import css from './Icon.module.css';

const PATHS = {
  add: 'M8 3v10M3 8h10',
  alert: 'M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.6v.1',
  applications: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z',
  back: 'M10 3 5 8l5 5',
  branch:
    'M4.5 5v6M11.5 6.5c0 3-4 2-6.5 4.5M4.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z',
  check: 'm3 8.5 3.2 3.2L13 5',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6',
  close: 'm4 4 8 8M12 4l-8 8',
  commit: 'M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 8h4M10.5 8h4',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  cross: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6 6l4 4M10 6l-4 4',
  diff: 'M8 2.5v6M5 5.5h6M5 12h6',
  differs: 'M3 6h10M3 10h10M10.5 3l-5 10',
  down: 'm4 6 4 4 4-4',
  download: 'M8 2.5v7M5 7l3 3 3-3M3 13h10',
  edit: 'm3 13 .6-2.9L10.8 3l2.2 2.2-7.1 7.2z',
  events: 'M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z',
  extension:
    'M6.3 4.5V3.7a1.7 1.7 0 0 1 3.4 0v.8h2.8v2.8h-.8a1.7 1.7 0 0 0 0 3.4h.8v2.8h-9v-2.8h.8a1.7 1.7 0 0 0 0-3.4h-.8V4.5z',
  external: 'M6 3.5H3v9.5h9.5v-3M9 2.8h4.2V7M13 3 7.5 8.5',
  eye: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  filter: 'M2.5 3.5h11L9.5 8.5v4.2l-3-1.6V8.5z',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  forward: 'm6 3 5 5-5 5',
  ghost: 'M3.5 13.5V7a4.5 4.5 0 0 1 9 0v6.5l-1.5-1.2-1.5 1.2L8 12.3l-1.5 1.2L5 12.3zM6.3 7v.1M9.7 7v.1',
  heart: 'M8 13.2 2.9 8.1a3.1 3.1 0 0 1 4.4-4.4l.7.7.7-.7a3.1 3.1 0 0 1 4.4 4.4z',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.2v.1',
  history: 'M2.5 8A5.5 5.5 0 1 0 4.4 3.8M2.5 2.5v3h3M8 5v3l2 1.5',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3v3.7M8 5v.1',
  key: 'M5.3 13a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM7.3 8.2 13 2.5M10.5 5l2 2',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.1M6.7 6.5h.1M9.4 6.5h.1M12 6.5h.1M4.5 9.5h7',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1',
  lock: 'M3.5 7.2h9v6.3h-9zM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  minus: 'M3 8h10',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z',
  more: 'M8 3.2a.3.3 0 1 0 0 .6.3.3 0 0 0 0-.6zM8 7.7a.3.3 0 1 0 0 .6.3.3 0 0 0 0-.6zM8 12.2a.3.3 0 1 0 0 .6.3.3 0 0 0 0-.6z',
  network: 'M8 2.5v4M8 9.5c0-2-5-1-5 2.5M8 9.5c0-2 5-1 5 2.5M8 6.5v5.5M6.5 2.5h3M1.8 13h2.4M6.8 13h2.4M11.8 13h2.4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.2v9.6L12.5 8z',
  pods: 'm8 1.8 5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.6 4.9 8 8l5.4-3.1M8 8v6.2',
  progress: 'M13.5 8A5.5 5.5 0 1 1 8 2.5',
  question: 'M6 5.8a2 2 0 1 1 3 1.8c-.7.4-1 .8-1 1.6M8 12v.1',
  refresh: 'M13.2 6.5A5.5 5.5 0 1 0 13.5 8M13.5 3v3.5H10',
  repository: 'M3.5 2.5h9v11h-9zM6 2.5v11M8.5 5.5H10',
  resources: 'M2.5 4.5 8 2l5.5 2.5L8 7zM2.5 8 8 10.5 13.5 8M2.5 11.5 8 14l5.5-2.5',
  rollback: 'M2.5 6.5h7a3.5 3.5 0 0 1 0 7H6M5.5 3.5l-3 3 3 3',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4 14 14',
  sets: 'M2.5 5.5h8v8h-8zM5.5 5.5v-3h8v8h-3',
  settings:
    'M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM5.8 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  star: 'm8 2 1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z',
  stop: 'M4 4h8v8H4z',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  sync: 'M2.8 6.5A5.4 5.4 0 0 1 12.6 5M13.2 9.5A5.4 5.4 0 0 1 3.4 11M13 2.2V5.2h-3M3 13.8v-3h3',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M6.5 6.3V13',
  terminal: 'M1.8 3h12.4v10H1.8zM4.3 6l2 2-2 2M8 10.2h3.3',
  tiles: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11z',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.3 4.5l.6 9h6.2l.6-9M6.8 7v4M9.2 7v4',
  tree: 'M2.5 3h4v3h-4zM9.5 3h4v3h-4zM9.5 10h4v3h-4zM6.5 4.5h3M8 4.5v7h1.5',
  up: 'm4 10 4-4 4 4',
  user: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 13.8c.5-2.6 2.5-4 5.2-4s4.7 1.4 5.2 4',
} as const;

export type IconName = keyof typeof PATHS;

export interface IconProps {
  name: IconName;
  /** Pixels. */
  size?: number;
  /** Turning, for what goes on. */
  turns?: boolean;
  /** Filled in: a star that is set. */
  filled?: boolean;
}

/** A sign beside words: readers pass it over. */
export function Icon({ name, size = 16, turns = false, filled = false }: IconProps) {
  return (
    <svg
      className={turns ? `${css.icon} ${css.turns}` : css.icon}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
