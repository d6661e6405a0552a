import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@/theme/tokens.css';
import '@/theme/reset.css';
import { announceExtensions } from '@/extensions/start';
import { startTheme } from '@/theme/theme';
import { App } from './app';

startTheme();
announceExtensions();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
