# What the nightly job takes (for GitHub: variables of the repository).
output "nightly_variables" {
  value = merge({
    GCP_PROJECT         = var.project
    GCS_BUCKET          = google_storage_bucket.versions.name
    GCP_SERVICE_ACCOUNT = google_service_account.account["nightly"].email
    }, var.retain_days == null ? {} : {
    RETAIN_DAYS = tostring(var.retain_days)
    }, local.has_github ? {
    WORKLOAD_IDENTITY_PROVIDER = google_iam_workload_identity_pool_provider.github[0].name
    } : {}, local.has_collector ? {
    COLLECTOR_URL          = google_cloud_run_v2_service.collector[0].uri
    COLLECTOR_AUTH         = "id-token"
    COLLECTOR_TOKEN_SECRET = local.token_secret
  } : {})
}

# Who shall make links for partners (version-links) may act as this account.
output "links_account" {
  value = google_service_account.account["links"].email
}
