import process from 'node:process';
import { buildApp } from './build-app.ts';

const app = await buildApp({ logger: { level: 'info' } });
process.once('SIGINT', () => void app.close());
process.once('SIGTERM', () => void app.close());
await app.listen({ port: Number(process.env['PORT'] ?? 4_000) });
