# What scripts/cloud-setup makes, as Terraform: APIs, the Firestore database and
# its indexes, the bucket, service accounts with the least roles, secrets without
# their values, the nightly job's login from GitHub, the collector on Cloud Run.
#
#   terraform init
#   terraform apply -var project=my-project -var bucket=team-datasets
#
# Client rules of Firestore are not here: deploying rules replaces those that the
# project has. Merge ../firestore.rules into them.

locals {
  # The indexes that queries are cheapest with, and what needs none.
  firestore = jsondecode(file("${path.module}/../firestore.indexes.json"))
  indexes = {
    for index in local.firestore.indexes :
    join(":", concat([index.collectionGroup],
    [for field in index.fields : field.fieldPath])) => index
  }
  exempt = {
    for field in local.firestore.fieldOverrides :
    "${field.collectionGroup}:${field.fieldPath}" => field
  }

  has_github    = var.github_repository != ""
  has_collector = var.collector_image != ""
  apis = concat(
    ["firestore", "storage", "iam", "iamcredentials", "secretmanager"],
    local.has_github ? ["sts", "cloudresourcemanager"] : [],
    local.has_collector ? ["run"] : [],
  )
  accounts = merge({
    nightly = "answermill: versions, every night"
    links   = "answermill: links to versions"
    }, local.has_collector ? {
    collector = "answermill: collector"
  } : {})
  project_roles = merge({
    nightly = "roles/datastore.user"
    links   = "roles/datastore.viewer"
    }, local.has_collector ? {
    collector = "roles/datastore.user"
  } : {})
  bucket_roles = {
    nightly = "roles/storage.objectUser"
    links   = "roles/storage.objectViewer"
  }

  reddit_secrets = ["REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET"]
  token_secret   = "answermill-collector-token"
  secrets = concat(local.reddit_secrets,
  local.has_collector ? [local.token_secret] : [])
  # Who may read which secret.
  readers = {
    for pair in setproduct(local.secrets,
    local.has_collector ? ["nightly", "collector"] : ["nightly"]) :
    "${pair[0]}:${pair[1]}" => { secret = pair[0], account = pair[1] }
  }
}

resource "google_project_service" "api" {
  for_each           = toset(local.apis)
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# ---- the store

resource "google_firestore_database" "store" {
  name                    = var.database
  location_id             = var.location
  type                    = "FIRESTORE_NATIVE"
  delete_protection_state = "DELETE_PROTECTION_ENABLED"
  deletion_policy         = "ABANDON"
  depends_on              = [google_project_service.api]
}

resource "google_firestore_index" "query" {
  for_each    = local.indexes
  database    = google_firestore_database.store.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

resource "google_firestore_field" "exempt" {
  for_each   = local.exempt
  database   = google_firestore_database.store.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath
  index_config {}
}

# ---- the bucket

resource "google_storage_bucket" "versions" {
  name                        = var.bucket
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  depends_on                  = [google_project_service.api]

  # Parts of uploads that were given up.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }
  # Versions that were not retired.
  dynamic "lifecycle_rule" {
    for_each = var.retain_days == null ? [] : [var.retain_days + 30]
    content {
      action {
        type = "Delete"
      }
      condition {
        age = lifecycle_rule.value
      }
    }
  }
  dynamic "retention_policy" {
    for_each = var.keep_days == null ? [] : [var.keep_days * 86400]
    content {
      retention_period = retention_policy.value
    }
  }
}

# ---- accounts

resource "google_service_account" "account" {
  for_each     = local.accounts
  account_id   = "answermill-${each.key}"
  display_name = each.value
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "database" {
  for_each = local.project_roles
  project  = var.project
  role     = each.value
  member   = google_service_account.account[each.key].member
}

resource "google_storage_bucket_iam_member" "objects" {
  for_each = local.bucket_roles
  bucket   = google_storage_bucket.versions.name
  role     = each.value
  member   = google_service_account.account[each.key].member
}

# version-links signs by IAM, as this account.
resource "google_service_account_iam_member" "signs" {
  service_account_id = google_service_account.account["links"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.account["links"].member
}

# ---- secrets: their values are added by hand, and are not in the state

resource "google_secret_manager_secret" "secret" {
  for_each  = toset(local.secrets)
  secret_id = each.key
  replication {
    auto {}
  }
  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each  = local.readers
  secret_id = google_secret_manager_secret.secret[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.account[each.value.account].member
}

# ---- GitHub's workflows act as the nightly account, without a key

resource "google_iam_workload_identity_pool" "github" {
  count                     = local.has_github ? 1 : 0
  workload_identity_pool_id = "github"
  display_name              = "GitHub"
  depends_on                = [google_project_service.api]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  count                              = local.has_github ? 1 : 0
  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }
  attribute_condition = "assertion.repository == '${var.github_repository}'"
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "github" {
  count              = local.has_github ? 1 : 0
  service_account_id = google_service_account.account["nightly"].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.repository/${var.github_repository}"
}

# For identity tokens, with which a private collector is called.
resource "google_service_account_iam_member" "identity" {
  count              = local.has_github && local.has_collector ? 1 : 0
  service_account_id = google_service_account.account["nightly"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.account["nightly"].member
}

# ---- the collector, which only the nightly account may call

resource "google_cloud_run_v2_service" "collector" {
  count    = local.has_collector ? 1 : 0
  name     = "answermill-collector"
  location = var.location

  template {
    service_account = google_service_account.account["collector"].email
    timeout         = "300s"
    scaling {
      max_instance_count = 2
    }
    containers {
      image = var.collector_image
      args = concat(["--log-format", "json"],
      flatten([for name in var.subreddits : ["--subreddit", name]]))
      resources {
        limits = {
          memory = "512Mi"
        }
      }
      env {
        name  = "ANSWERMILL_STORE"
        value = var.database == "(default)" ? "firestore:${var.project}" : "firestore:${var.project}/${var.database}"
      }
      dynamic "env" {
        for_each = toset(local.reddit_secrets)
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.secret[env.key].secret_id
              version = "latest"
            }
          }
        }
      }
      volume_mounts {
        name       = "token"
        mount_path = "/run/secrets"
      }
    }
    volumes {
      name = "token"
      secret {
        secret = google_secret_manager_secret.secret[local.token_secret].secret_id
        items {
          version = "latest"
          path    = "token"
        }
      }
    }
  }
  depends_on = [google_secret_manager_secret_iam_member.reader]
}

resource "google_cloud_run_v2_service_iam_member" "nightly" {
  count    = local.has_collector ? 1 : 0
  name     = google_cloud_run_v2_service.collector[0].name
  location = var.location
  role     = "roles/run.invoker"
  member   = google_service_account.account["nightly"].member
}
