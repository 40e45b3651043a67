import './base.css';
import { ClientProvider } from '@groupcast/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createChatClient } from './chat/chat-client.ts';
import { Journal } from './chat/journal.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element "root"');

const client = createChatClient();
const journal = new Journal(client);

createRoot(root).render(
  <StrictMode>
    <ClientProvider client={client}>
      <App journal={journal} />
    </ClientProvider>
  </StrictMode>,
);
