#pragma once
#include <curl/curl.h>

// Swift cannot call functions of variable arguments.
static inline CURLcode quipu_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quipu_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quipu_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode quipu_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}
typedef size_t (*quipu_curl_data)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode quipu_curl_set_writer(CURL *handle, CURLoption option, quipu_curl_data function) {
  return curl_easy_setopt(handle, option, function);
}
static inline long quipu_curl_status(CURL *handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}
