/** The document of a terminal: its own, because xterm writes styles that the rest of the UI may not have. */
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import '@/theme/tokens.css';
import '@/theme/reset.css';
import './terminal.css';
import { startTheme } from '@/theme/theme';
import { isForTerminal } from './clipboard';
import { isInOurPage } from './place';
import { type Ending, Session } from './session';

/** Lines that can be scrolled back to. */
const SCROLLBACK = 5000;

function main(host: HTMLElement, words: HTMLElement, again: HTMLButtonElement): void {
  startTheme();
  const fields = new URLSearchParams(window.location.search);
  const pod = fields.get('pod') ?? '';
  const container = fields.get('container') ?? '';
  document.title = `${pod} ${container}`;
  const terminal = new Terminal({
    scrollback: SCROLLBACK,
    screenReaderMode: true,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: 13,
    theme: colours(),
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  fit.fit();
  let session: Session | null = null;

  const say = (text: string) => {
    words.textContent = text;
  };
  const begin = () => {
    again.hidden = true;
    say(`Opening a shell in ${container} of ${pod}…`);
    const made = new Session(fields.toString(), {
      onOpen: () => {
        say(`${pod}, container ${container}`);
        made.resize(terminal.rows, terminal.cols);
        terminal.focus();
      },
      onOutput: (text) => terminal.write(text),
      onEnd: (ending) => ended(ending),
    });
    session = made;
  };
  const ended = ({ words: why, isRenewed }: Ending) => {
    session = null;
    if (isRenewed) {
      terminal.write('\r\n');
      begin();
      return;
    }
    say(why);
    again.hidden = false;
    again.focus();
  };
  terminal.attachCustomKeyEventHandler((event) => isForTerminal(event, terminal));
  terminal.onData((text) => session?.write(text));
  terminal.onResize(({ rows, cols }) => session?.resize(rows, cols));
  new ResizeObserver(() => fit.fit()).observe(host);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    terminal.options.theme = colours();
  });
  window.addEventListener('storage', () => {
    startTheme();
    terminal.options.theme = colours();
  });
  window.addEventListener('pagehide', () => session?.close());
  again.addEventListener('click', () => {
    again.textContent = 'Open a new shell';
    terminal.reset();
    begin();
  });
  if (isInOurPage()) begin();
  else {
    again.textContent = 'Open the shell';
    say(`A shell in ${container} of ${pod} opens when you ask for it.`);
    again.hidden = false;
    again.focus();
  }
}

/** The design's colours as xterm wants them: what a value comes to now. */
function colours(): ITheme {
  return {
    background: colourOf('--surface'),
    foreground: colourOf('--text'),
    cursor: colourOf('--accent'),
    cursorAccent: colourOf('--surface'),
    selectionBackground: colourOf('--chosen'),
    red: colourOf('--bad'),
    green: colourOf('--ok'),
    yellow: colourOf('--warn'),
    blue: colourOf('--accent'),
  };
}

function colourOf(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const host = document.getElementById('terminal');
const words = document.getElementById('words');
const again = document.getElementById('again');
if (host && words && again instanceof HTMLButtonElement) main(host, words, again);
