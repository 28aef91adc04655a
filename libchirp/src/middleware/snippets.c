/* SPDX-License-Identifier: MIT */
/* snippets.c - small scripts for pages with htmx; each runs once however often it is there. */
#include "snippets.h"

const char ch_snippet_safe_target[] =
    "<script data-chirp=\"safe-target\">(function(){"
    "if(window.__chirpSafeTarget)return;window.__chirpSafeTarget=true;"
    "var verbs=['get','post','put','patch','delete'];"
    "function guard(el){"
    "if((el.getAttribute('hx-trigger')||'').indexOf('from:')<0)return;"
    "if(el.hasAttribute('hx-target'))return;"
    "if(verbs.some(function(v){return el.hasAttribute('hx-'+v)}))"
    "el.setAttribute('hx-target','this')}"
    "function scan(root){"
    "if(root.getAttribute)guard(root);"
    "if(root.querySelectorAll)root.querySelectorAll('[hx-trigger]').forEach(guard)}"
    "document.addEventListener('htmx:load',function(e){scan(e.detail&&e.detail.elt||e.target)});"
    "if(document.readyState==='loading')"
    "document.addEventListener('DOMContentLoaded',function(){scan(document)});"
    "else scan(document)})()</script>";

const char ch_snippet_sse_lifecycle[] =
    "<script data-chirp=\"sse-lifecycle\">(function(){"
    "if(window.__chirpSseLifecycle)return;window.__chirpSseLifecycle=true;"
    "function mark(state){return function(e){"
    "var el=e.target&&e.target.closest?e.target.closest('[sse-connect]'):null;"
    "if(!el)return;el.setAttribute('data-sse-state',state);"
    "el.dispatchEvent(new CustomEvent('chirp:sse:'+state,{bubbles:true}))}}"
    "document.addEventListener('htmx:sseOpen',mark('connected'));"
    "document.addEventListener('htmx:sseError',mark('disconnected'));"
    "document.addEventListener('htmx:sseClose',mark('disconnected'))})()</script>";

const char ch_snippet_view_transitions[] =
    "<script data-chirp=\"view-transitions\">(function(){"
    "if(window.__chirpViewTransitions)return;window.__chirpViewTransitions=true;"
    "function on(){"
    "if(!window.htmx)return false;"
    "window.htmx.config.globalViewTransitions=true;return true}"
    "if(!on())document.addEventListener('htmx:load',on,{once:true})})()</script>";

#define TRANSITION_RULES \
    "@view-transition { navigation: auto; } " \
    "@keyframes chirp-vt-out { to { opacity: 0; } } " \
    "@keyframes chirp-vt-in { from { opacity: 0; } } " \
    "::view-transition-old(root) { animation: 0.15s ease-out both chirp-vt-out; } " \
    "::view-transition-new(root) { animation: 0.2s ease-in both chirp-vt-in; }"

const char ch_snippet_transition_style[] =
    "<meta name=\"view-transition\" content=\"same-origin\">"
    "<style data-chirp=\"view-transitions\">" TRANSITION_RULES "</style>";

/* SHA-256 of TRANSITION_RULES; a test works it out anew. */
const char ch_snippet_transition_source[] =
    "'sha256-c53FvXHlVKRuMO/poklGfniKmvNZpiqbW7AuePseidw='";
