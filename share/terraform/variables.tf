variable "project" {
  description = "The project, which exists and has billing."
  type        = string
}

variable "bucket" {
  description = "The bucket for versions."
  type        = string
}

variable "location" {
  description = "Where database, bucket and collector are, for ever."
  type        = string
  default     = "us-central1"
}

variable "database" {
  description = "The Firestore database. One that is there is imported first: terraform import google_firestore_database.store PROJECT/DATABASE"
  type        = string
  default     = "(default)"
}

variable "retain_days" {
  description = "Versions are retired after so many days (RETAIN_DAYS of the nightly job); what it missed is deleted 30 days later."
  type        = number
  default     = null
}

variable "keep_days" {
  description = "Nobody can delete an object before so many days."
  type        = number
  default     = null
}

variable "github_repository" {
  description = "OWNER/REPO, whose workflows may act as the nightly account."
  type        = string
  default     = ""
}

variable "collector_image" {
  description = "The image of the collector, made by the Dockerfile. Its secrets must have values first."
  type        = string
  default     = ""
}

variable "subreddits" {
  description = "What the collector reads."
  type        = list(string)
  default     = []
}
