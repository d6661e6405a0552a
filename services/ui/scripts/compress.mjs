// Writes NAME.br and NAME.gz beside every file of a folder for which that is worth it: `node compress.mjs FOLDER`.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const WORTH_IT = /\.(?:js|css|html|svg|json|txt|map|wasm)$/;
const LEAST_BYTES = 1024;

const forms = {
  '.br': (content) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  '.gz': (content) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
};

async function compress(file) {
  const content = await readFile(file);
  if (content.length < LEAST_BYTES) return;
  for (const [ending, form] of Object.entries(forms)) {
    const packed = await form(content);
    if (packed.length < content.length) await writeFile(file + ending, packed);
  }
}

const folder = process.argv[2];
if (!folder) throw new Error('which folder?');
const names = await readdir(folder, { recursive: true });
await Promise.all(names.filter((name) => WORTH_IT.test(name)).map((name) => compress(join(folder, name))));
