// Keeps the page's files for visits without a connection. A file with a version in its address never
// changes and is taken from the cache; others are asked for first.

const CACHE = "page";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, url, headers } = event.request;
  const { origin, pathname, searchParams } = new URL(url);
  const dynamic = /\/(api\/.*|metrics|healthz|openapi\.json)$/.test(pathname);
  if (method !== "GET" || origin !== self.location.origin || dynamic || headers.has("range")) return;
  event.respondWith(searchParams.has("v") ? cacheFirst(event) : networkFirst(event));
});

async function cacheFirst(event) {
  return (await caches.match(event.request)) ?? fetchAndKeep(event);
}

async function networkFirst(event) {
  try {
    return await fetchAndKeep(event);
  } catch (error) {
    const kept = await caches.match(event.request);
    if (kept) return kept;
    throw error;
  }
}

async function fetchAndKeep(event) {
  const response = await fetch(event.request);
  if (response.status === 200) event.waitUntil(keep(event.request, response.clone()).catch(() => {}));
  return response;
}

// Other versions of the same file are of no use any more.
async function keep(request, response) {
  const cache = await caches.open(CACHE);
  const { pathname } = new URL(request.url);
  for (const old of await cache.keys()) {
    if (new URL(old.url).pathname === pathname && old.url !== request.url) await cache.delete(old);
  }
  await cache.put(request, response);
}
