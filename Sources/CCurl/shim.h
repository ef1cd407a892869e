#pragma once
#include <curl/curl.h>
// libcurl uses OpenSSL here: what it will make of a file of certificates, OpenSSL says.
#include <openssl/err.h>
#include <openssl/pem.h>

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
// Copied by libcurl.
static inline CURLcode quipu_curl_set_bytes(CURL *handle, CURLoption option, const void *bytes, size_t length) {
  struct curl_blob blob = { (void *) bytes, length, CURL_BLOB_COPY };
  return curl_easy_setopt(handle, option, &blob);
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

// The file of authorities that libcurl was built to read; NULL: none.
static inline const char *quipu_curl_authorities_file(CURL *handle) {
  char *path = NULL;
  curl_easy_getinfo(handle, CURLINFO_CAINFO, &path);
  return path;
}

// How many certificates in PEM form; -1 when one of them can't be read.
static inline long quipu_certificates(const void *pem, int length) {
  BIO *source = BIO_new_mem_buf(pem, length);
  if (source == NULL) return -1;
  long count = 0;
  for (X509 *certificate; (certificate = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL; count++) X509_free(certificate);
  unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) count = -1;
  ERR_clear_error();
  BIO_free(source);
  return count;
}
