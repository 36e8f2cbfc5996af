// Photos and settings in the browser's database, so that a reload loses nothing.

const DATABASE = "deepcolor";
const STORE = "photos";
const KEPT = ["key", "file", "name", "onDevice", "strength", "variant", "hints", "predicted", "maps", "saved"]; // of each photo
const MAX_AGE = 7 * 24 * 3600 * 1000; // ms

// Runs `use(store)` and returns the result of its request; null if the browser offers no database, as
// in some private windows, or has no room left. The page then works without.
async function withStore(mode, use) {
  try {
    const database = await finish(openDatabase());
    try {
      return await finish(use(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
  return request;
}

function finish(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Returns what is kept of a photo, to be added again.
export function recordOf(photo) {
  const record = Object.fromEntries(KEPT.map((name) => [name, photo[name]]));
  if (photo.following) record.maps = undefined; // they do not follow the latest hints yet
  return record;
}

export function keepPhoto(photo) {
  return withStore("readwrite", (store) => store.put({ ...recordOf(photo), time: Date.now() }));
}

export function forgetPhoto({ key }) {
  return withStore("readwrite", (store) => store.delete(key));
}

export function forgetAll() {
  return withStore("readwrite", (store) => store.clear());
}

// Returns the photos of earlier visits, in their order, and forgets old ones.
export async function keptPhotos() {
  const records = (await withStore("readonly", (store) => store.getAll())) ?? [];
  const isOld = ({ time }) => time < Date.now() - MAX_AGE;
  for (const record of records.filter(isOld)) await forgetPhoto(record);
  return records.filter((record) => !isOld(record));
}
