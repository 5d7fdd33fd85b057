/* Notes visits and conversions. Before consent("granted") nothing is kept in the browser. README.md beside it says more. */
(() => {
  "use strict";
  const data = document.currentScript.dataset, base = document.currentScript.src.replace(/engagement\.js.*$/, "");
  const SESSION_MS = 18e5, YEAR_SECONDS = 31536e3, MOST = 50, FIRST_WAIT_MS = 1e3, LONGEST_WAIT_MS = 6e4;
  let queue = [], wait = FIRST_WAIT_MS, timer, isBusy, session, arrival;

  const get = name => { try { return localStorage.getItem(name); } catch { return null; } };
  const set = (name, value) => {
    try { value == null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* full, or none */ }
  };
  const setCookie = (name, value, seconds) => {
    document.cookie = `${name}=${value};path=/;max-age=${seconds};samesite=lax` + (location.protocol == "https:" ? ";secure" : "");
  };
  const getCookie = name => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1];
  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(b => (b + 256).toString(16).slice(1)).join("");

  let consent = get("eng_consent") || data.consent || "unknown";
  const isGranted = () => consent == "granted";

  const visitor = () => {
    if (!isGranted()) return;
    const known = get("eng_visitor") || getCookie("eng_visitor") || newId();
    set("eng_visitor", known);
    setCookie("eng_visitor", known, YEAR_SECONDS);
    return known;
  };

  /* Whether a session was running; it ends after half an hour without a page. */
  const inSession = () => {
    const old = (isGranted() && get("eng_session") || "").split(".");
    const isRunning = !!session || old[1] > Date.now() - SESSION_MS;
    session ||= isRunning ? old[0] : newId();
    if (isGranted()) set("eng_session", session + "." + Date.now());
    return isRunning;
  };

  const keep = () => set("eng_queue", isGranted() && queue.length ? JSON.stringify(queue) : null);

  const identify = event => Object.assign(event, {
    consent,
    visitor_id: visitor(),
    session_id: isGranted() ? session : undefined,
    fbc: isGranted() ? getCookie("_fbc") : undefined,
  });

  const put = (path, fields) => {
    const event = { event_id: newId(), at: Date.now(), url: location.href, referrer: document.referrer, ...fields };
    queue = [...queue, [path, identify(event)]].slice(-MOST);
    keep();
    send();
    return event;
  };

  const bodyOf = events => JSON.stringify({ write_key: data.key, events: events.map(one => one[1]) });

  /* text/plain is sent without asking first; an event that arrives twice is one event. */
  const post = (path, body) => fetch(base + path, { method: "POST", body, keepalive: true, headers: { "Content-Type": "text/plain" } });

  const send = async () => {
    if (isBusy || !queue.length) return;
    const path = queue[0][0], sent = queue.filter(one => one[0] == path);
    clearTimeout(timer);
    isBusy = true;
    const status = await post(path, bodyOf(sent)).then(answer => answer.status, () => 503);
    isBusy = false;
    if (status >= 500 || status == 429) {
      timer = setTimeout(send, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      return;
    }
    wait = FIRST_WAIT_MS;
    queue = queue.filter(one => !sent.includes(one));
    keep();
    send();
  };

  const leave = () => {
    for (const path of ["touches", "conversions"]) {
      const rest = queue.filter(one => one[0] == path);
      if (rest.length && !navigator.sendBeacon?.(base + path, bodyOf(rest))) post(path, bodyOf(rest));
    }
  };

  /* Whether somebody came, rather than went on: from elsewhere, by a link of a campaign, or after a while. */
  const hasArrived = () => {
    const isRunning = inSession(), from = document.referrer.split("/")[2];
    if (performance.getEntriesByType("navigation")[0]?.type != "navigate") return !isRunning && isGranted();
    if (/[?&](utm_\w+|\w*clid|gbraid|wbraid|li_fat_id|rdt_cid)=/i.test(location.search)) return true;
    return from ? from != location.host : !isRunning;
  };

  window.engagement = {
    visitor,
    /* "granted" or "denied". What brought somebody to this page is told again once the visitor is known. */
    consent: word => {
      consent = word;
      set("eng_consent", word);
      if (isGranted()) {
        inSession();
        if (arrival) put("touches", { ...arrival });
        return;
      }
      for (const name of ["eng_visitor", "eng_session"]) set(name, null);
      setCookie("eng_visitor", "", 0);
      queue.forEach(one => identify(one[1]));
      keep();
    },
    touch: fields => put("touches", fields),
    conversion: fields => put("conversions", fields),
    login: fields => put("conversions", { event_name: "login", ...fields }),
  };

  try { queue = JSON.parse(isGranted() && get("eng_queue")) || []; } catch { /* not ours */ }
  addEventListener("pagehide", leave);
  if (hasArrived()) arrival = put("touches", { kind: "visit" });
  else send();
})();
