/* SPDX-License-Identifier: MIT */
/* Moves the bar of the form that is being sent. */
document.addEventListener('htmx:xhr:progress', function (event) {
  var bar = event.target.querySelector('progress')
  if (bar && event.detail.lengthComputable) bar.value = event.detail.loaded / event.detail.total
})
